import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { authorizationHeader, checkHeaders, onlyCredentials, parseBaseUrl } from '../../../common/http/credentials.ts';

const directory = mkdtempSync(join(tmpdir(), 'neap-credentials-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('parseBaseUrl', () => {
  it('takes user and password out of the URL', () => {
    const { url, basic } = parseBaseUrl('https://reader:p%40ss@metrics.example/prometheus');
    expect(url.href).toBe('https://metrics.example/prometheus/');
    expect(basic).toEqual({ username: 'reader', password: 'p@ss' });
  });

  it.each(['prometheus:9090', 'ftp://x/', 'not a url', ''])('refuses %j', (text) => {
    expect(() => parseBaseUrl(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  it('does not repeat a password of a URL that it refuses', () => {
    const thrown = (text: string): unknown => {
      try {
        return parseBaseUrl(text);
      } catch (error) {
        return error;
      }
    };
    for (const text of [
      'reader:hunter2@x:9090',
      'reader:hunt@hunter2@x',
      'https:reader:hunter2@x',
      '//reader:hunter2@x',
      'ftp://reader:hunter2@x/',
      'http://reader:%hunter2@x/',
      'http://reader:hunter2@x:port/',
      'http://reader:hunter2@x/?a=b',
    ]) {
      expect(String(thrown(text))).not.toContain('hunter2');
    }
  });
});

describe('what cannot be sent or is told twice', () => {
  it('refuses user info with a bad escape as bad usage', () => {
    expect(() => parseBaseUrl('http://reader:50%@x/')).toThrow(
      expect.objectContaining({ code: 'usage', remedy: expect.stringContaining('%25') }),
    );
  });

  it('lets neither a URL with a user nor other credentials win', () => {
    const basic = { username: 'a', password: 'b' };
    expect(onlyCredentials(basic, {})).toEqual({ basic });
    expect(onlyCredentials(undefined, { bearerToken: 't' })).toEqual({ bearerToken: 't' });
    for (const given of [{ bearerToken: 't' }, { bearerTokenFile: '/t' }, { basic }]) {
      expect(() => onlyCredentials(basic, given)).toThrow(expect.objectContaining({ code: 'usage' }));
    }
  });

  it.each(['line\nbreak', 'hunter 2', 'snow☃'])('refuses the token %j without repeating it', async (bearerToken) => {
    const error = await authorizationHeader({ bearerToken }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'usage' });
    expect(String(error)).not.toContain(bearerToken);
  });

  it('names headers that cannot be sent, all at once', () => {
    expect(() => checkHeaders({ 'x-scope-orgid': 'team', 'bad name': 'x', 'x-y': 'secret\n' })).toThrow(
      expect.objectContaining({ code: 'usage', message: 'HTTP cannot carry the header "bad name", "x-y"' }),
    );
  });
});

describe('authorizationHeader', () => {
  it('writes UTF-8 user and password as base64', async () => {
    expect(await authorizationHeader({ basic: { username: 'ü', password: 'x:y' } })).toBe(
      `Basic ${Buffer.from('ü:x:y', 'utf8').toString('base64')}`,
    );
  });

  it('reads a token file anew each time', async () => {
    const bearerTokenFile = join(directory, 'token');
    writeFileSync(bearerTokenFile, 'first\n');
    expect(await authorizationHeader({ bearerTokenFile })).toBe('Bearer first');
    writeFileSync(bearerTokenFile, 'second\n');
    expect(await authorizationHeader({ bearerTokenFile })).toBe('Bearer second');
  });

  it('names a token file that is missing or empty', async () => {
    const missing = join(directory, 'nowhere');
    await expect(authorizationHeader({ bearerTokenFile: missing })).rejects.toThrow(missing);
    const empty = join(directory, 'empty');
    writeFileSync(empty, ' \n');
    await expect(authorizationHeader({ bearerTokenFile: empty })).rejects.toThrow(/is empty/);
  });

  it('is absent without credentials', async () => {
    expect(await authorizationHeader({})).toBeUndefined();
  });
});
