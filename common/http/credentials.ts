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
 * @throws NeapError `usage` where the text is no http(s) URL, carries a query or fragment, or user info that is badly encoded
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
      : { username: decodedUserInfo(url.username, url), password: decodedUserInfo(url.password, url) };
  url.username = '';
  url.password = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return { url, basic };
}

/** Of anything that a person may have meant as a URL: all before the last `@` may be a password. */
export function withoutUserInfo(text: string): string {
  return text.replace(/^([A-Za-z][A-Za-z0-9+.-]*:\/\/|\/\/)?.*@/s, '$1');
}

function decodedUserInfo(text: string, url: URL): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new NeapError('usage', `the user or password in the URL of ${url.host} holds a % that begins no escape`, {
      remedy: 'write % as %25, or give user and password by their options',
    });
  }
}

/** @throws NeapError `usage` where the URL and the options name somebody each: neither may win silently */
export function onlyCredentials(ofUrl: BasicCredentials | undefined, given: HttpCredentials): HttpCredentials {
  if (ofUrl === undefined) return given;
  if (given.bearerToken !== undefined || given.bearerTokenFile !== undefined || given.basic !== undefined) {
    throw new NeapError('usage', 'the URL holds a user, and credentials are given beside it', {
      remedy: 'give one of the two: take user and password out of the URL, or leave the token or user option away',
    });
  }
  return { basic: ofUrl };
}

/** @throws NeapError `usage` that names all headers that cannot be sent, without their values */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  const bad = Object.entries(headers).filter(([name, value]) => !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || !HEADER_VALUE.test(value));
  if (bad.length === 0) return;
  throw new NeapError('usage', `HTTP cannot carry the header ${bad.map(([name]) => JSON.stringify(name)).join(', ')}`, {
    remedy: 'names are letters, digits and dashes; values are one line of Latin characters',
  });
}

/** Visible Latin-1 with blanks: what HTTP carries. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The `authorization` header; undefined where no credentials are given. */
export async function authorizationHeader(credentials: HttpCredentials): Promise<string | undefined> {
  if (credentials.basic) {
    const { username, password } = credentials.basic;
    return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
  }
  if (credentials.bearerToken) return `Bearer ${checkedToken(credentials.bearerToken, 'the bearer token')}`;
  if (credentials.bearerTokenFile) return `Bearer ${await readToken(credentials.bearerTokenFile)}`;
  return undefined;
}

async function readToken(path: string): Promise<string> {
  const token = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new NeapError('usage', `cannot read the bearer token file ${path}: ${messageOf(error)}`);
  });
  const trimmed = token.trim();
  if (trimmed === '') throw new NeapError('usage', `the bearer token file ${path} is empty`);
  return checkedToken(trimmed, `the bearer token in ${path}`);
}

function checkedToken(token: string, what: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new NeapError('usage', `${what} holds a blank, a line break or a character that HTTP cannot carry`, {
    remedy: 'copy it again, without what is around it',
  });
}
