import { readFile } from 'node:fs/promises';
import { messageOf, NeapError } from '../errors.ts';

/** How we prove who we are; at most one of the ways. Secrets stay inside: no message or log ever holds one. */
export interface HttpCredentials {
  readonly bearerToken?: string | undefined;
  /** Read anew for every request: projected service account tokens rotate. */
  readonly bearerTokenFile?: string | undefined;
  readonly basic?: BasicCredentials | undefined;
}

export interface BasicCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Takes `user:password@` out of a base URL, so that the URL can be shown.
 * @throws NeapError `usage` where the text is no http(s) URL or carries a query or fragment
 */
export function parseBaseUrl(text: string): { readonly url: URL; readonly basic: BasicCredentials | undefined } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new NeapError('usage', `"${withoutUserInfo(text)}" is not an http or https URL`, {
      remedy: 'write for example http://prometheus.monitoring:9090',
    });
  }
  if (url.search !== '' || url.hash !== '') {
    throw new NeapError('usage', `the URL ${url.origin}${url.pathname} must not carry a query or fragment`, {
      remedy: 'give the address of the server, with its path prefix if it has one, and nothing behind it',
    });
  }
  const basic =
    url.username === '' && url.password === ''
      ? undefined
      : { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  url.username = '';
  url.password = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return { url, basic };
}

function withoutUserInfo(text: string): string {
  return text.replace(/\/\/.*@/, '//');
}

/** The `authorization` header; undefined where no credentials are given. */
export async function authorizationHeader(credentials: HttpCredentials): Promise<string | undefined> {
  if (credentials.basic) {
    const { username, password } = credentials.basic;
    return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
  }
  if (credentials.bearerToken) return `Bearer ${credentials.bearerToken}`;
  if (credentials.bearerTokenFile) return `Bearer ${await readToken(credentials.bearerTokenFile)}`;
  return undefined;
}

async function readToken(path: string): Promise<string> {
  const token = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new NeapError('usage', `cannot read the bearer token file ${path}: ${messageOf(error)}`);
  });
  const trimmed = token.trim();
  if (trimmed === '') throw new NeapError('usage', `the bearer token file ${path} is empty`);
  return trimmed;
}
