import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The root of the package, from the sources as from `dist`. */
export function packageRoot(): URL {
  const inSources = new URL('../../', import.meta.url);
  return existsSync(fileURLToPath(new URL('package.json', inSources))) ? inSources : new URL('../', inSources);
}

export function neapVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', packageRoot()), 'utf8')) as { version: string };
  return version;
}
