import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, NeapError } from '../../common/errors.ts';
import { decodeRoute } from '../contract/route.ts';

/** The page that `npm run build` made. Throws NeapError `usage` where it is missing. */
export function readPage(uiDirectory: string): string {
  const file = join(uiDirectory, 'index.html');
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new NeapError('usage', `The page ${file} can not be read: ${messageOf(cause)}`, { cause, remedy: 'Run npm run build.' });
  }
}

const BASE = /<base href="\/"\s*\/?>/;

/**
 * The page for one address. Its base is told relative to the address, so that it also works behind a proxy that mounts
 * Neap under a path, as `kubectl proxy` does.
 */
export function renderPage(page: string, path: string): { html: string; found: boolean } {
  const depth = path.split('/').length - 2;
  const base = depth <= 0 ? './' : '../'.repeat(depth);
  return { html: page.replace(BASE, `<base href="${base}">`), found: decodeRoute(path, new URLSearchParams()).page !== 'unknown' };
}
