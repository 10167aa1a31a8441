import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CliIo } from '../../../../operator/cli/io.ts';
import { addSourceOptions, chooseSource, type SourceChoice, sourceFlagsText } from '../../../../operator/cli/options/source-options.ts';

afterEach(() => vi.unstubAllEnvs());

async function choose(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<SourceChoice> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const command = addSourceOptions(new Command('x'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  command.parse(args, { from: 'user' });
  const stderr = { write: (_text: string, done: () => void) => done() } as unknown as CliIo['stderr'];
  return chooseSource(command, { env, stderr } as CliIo);
}

describe('the choice of a source', () => {
  it('takes the environment, and flags before it', async () => {
    const env = { NEAP_PROMETHEUS_URL: 'http://env:9090', NEAP_BEARER_TOKEN: 'from-env' };
    expect(await choose([], env)).toMatchObject({
      kind: 'prometheus',
      connection: { baseUrl: 'http://env:9090', credentials: { bearerToken: 'from-env' } },
    });
    expect(await choose(['--prometheus', 'http://flag:9090'], env)).toMatchObject({ connection: { baseUrl: 'http://flag:9090' } });
    expect(await choose(['--traces', 'a.csv', 'b.csv'], env)).toEqual({ kind: 'files', files: ['a.csv', 'b.csv'] });
    expect(await choose(['--generated'], env)).toEqual({ kind: 'generated', seed: 1 });
    expect(await choose(['--bearer-token-file', '/t'], env)).toMatchObject({
      connection: { credentials: { bearerTokenFile: '/t', bearerToken: undefined } },
    });
  });

  it('passes everything on that a connection needs', async () => {
    const args = [
      '--prometheus',
      'https://p/x',
      '--header',
      'X-Scope-OrgID: a',
      '--header',
      'X-B: c: d',
      '--ca-file',
      'ca',
      '--cert-file',
      'cert',
      '--key-file',
      'key',
      '--insecure-skip-verify',
      '--timeout',
      '5s',
      '--concurrency',
      '2',
    ];
    expect(await choose(args)).toMatchObject({
      connection: {
        headers: { 'X-Scope-OrgID': 'a', 'X-B': 'c: d' },
        tls: { caFile: 'ca', certFile: 'cert', keyFile: 'key', insecureSkipVerify: true },
        timeouts: { headersMs: 5000 },
        concurrency: 2,
      },
    });
  });

  it.each([
    [['--generated', '--traces', 'x'], 'several sources'],
    [['--prometheus', 'http://p', '--password-file', 'f'], '--password-file needs --username'],
    [['--prometheus', 'http://p', '--bearer-token', 't', '--bearer-token-file', 'f'], 'exclude each other'],
    [['--prometheus', 'http://p', '--key-file', 'k'], '--cert-file and --key-file go together'],
    [['--prometheus', 'http://p', '--username', 'u', '--password-file', '/nonexistent'], '/nonexistent'],
  ])('refuses %j', async (args, message) => {
    await expect(choose(args)).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining(message) });
  });

  it.each(['X-Scope-OrgID', ': a', 'a b: c', 'X: a\nY: b'])('refuses the header %j', async (header) => {
    await expect(choose(['--prometheus', 'http://p', '--header', header])).rejects.toThrow("'Name: value'");
  });

  it('can be told again on a command line, without credentials', async () => {
    expect(sourceFlagsText(await choose(['--prometheus', 'http://user:pass@p:9090/prom']))).toBe('--prometheus http://p:9090/prom');
    expect(sourceFlagsText(await choose(['--traces', "it's mine.csv", 'b.csv']))).toBe("--traces 'it'\\''s mine.csv' b.csv");
    expect(sourceFlagsText(await choose(['--generated', '5']))).toBe('--generated 5');
  });
});
