import { mkdirSync, writeFileSync } from 'node:fs';
import { referencePages } from './reference-pages.ts';

const folder = new URL('reference/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, text] of referencePages()) {
  writeFileSync(new URL(name, folder), text);
  process.stdout.write(`docs/reference/${name}\n`);
}
