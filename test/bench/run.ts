import { benchHistory } from './history.ts';
import { benchSizing } from './sizing.ts';

const BENCHES: Readonly<Record<string, (print: (line: string) => void) => Promise<void>>> = { sizing: benchSizing, history: benchHistory };

/** `npm run bench [NAME…]`: all, or those named. */
const wanted = process.argv.slice(2);
const strange = wanted.filter((name) => !(name in BENCHES));
if (strange.length > 0) {
  process.stderr.write(`no bench called ${strange.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(2);
}
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  await bench((line) => process.stdout.write(`${line}\n`));
  process.stdout.write('\n');
}
