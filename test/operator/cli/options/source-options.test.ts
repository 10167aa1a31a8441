import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CliIo } from '../../../../operator/cli/io.ts';
import { addSourceOptions, chooseSource, type SourceChoice, sourceFlagsText } from '../../../../operator/cli/options/source-options.ts';

afterEach(() => vi.unstubAllEnvs());

interface Chosen {
  readonly choice: SourceChoice;
  /** The flags that lead there again. */
  readonly flags: string;
}

async function chosen(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Chosen> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const command = addSourceOptions(new Command('x'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  command.parse(args, { from: 'user' });
  const stderr = { write: (_text: string, done: () => void) => done() } as unknown as CliIo['stderr'];
  const choice = await chooseSource(command, { env: { ...env }, stderr } as CliIo);
  return { choice, flags: sourceFlagsText(choice, command) };
}

const choose = async (...args: Parameters<typeof chosen>): Promise<SourceChoice> => (await chosen(...args)).choice;

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

  it('can be told again on a command line', async () => {
    const told = async (...args: string[]): Promise<string> => (await chosen(args)).flags;
    expect(await told('--traces', "it's mine.csv", 'b.csv')).toBe("--traces 'it'\\''s mine.csv' b.csv");
    expect(await told('--generated', '5')).toBe('--generated 5');
    const connection = [
      ...['--bearer-token-file', '/run/my token', '--header', 'X-Scope-OrgID: team-a', '--ca-file', 'ca.pem'],
      ...['--cert-file', 'c.pem', '--key-file', 'k.pem', '--insecure-skip-verify', '--timeout', '5m', '--concurrency', '2'],
    ];
    expect(await told('--prometheus', 'http://p:9090/prom', ...connection)).toBe(
      "--prometheus http://p:9090/prom --bearer-token-file '/run/my token' --header 'X-Scope-OrgID: team-a' --ca-file ca.pem " +
        '--cert-file c.pem --key-file k.pem --insecure-skip-verify --timeout 5m --concurrency 2',
    );
  });

  it('is told again without secrets', async () => {
    const secret = ['--header', 'X-Api-Key: s3cret', '--bearer-token', 's3cret'];
    expect((await chosen(['--prometheus', 'http://p', ...secret])).flags).toBe(
      "--prometheus http://p --bearer-token TOKEN --header 'X-Api-Key: VALUE'",
    );
    expect((await chosen(['--prometheus', 'http://user:s3cret@p:9090/prom'])).flags).toBe(
      '--prometheus http://p:9090/prom --username user --password-file FILE',
    );
    const env = { NEAP_PROMETHEUS_URL: 'http://p', NEAP_BEARER_TOKEN: 's3cret' };
    expect((await chosen([], env)).flags).toBe('--prometheus http://p');
  });
});
