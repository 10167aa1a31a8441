import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { formatDuration } from '../../../common/duration.ts';
import { messageOf, NeapError } from '../../../common/errors.ts';
import { parseBaseUrl } from '../../../common/http/credentials.ts';
import type { HttpClientOptions } from '../../../common/http/http-client.ts';
import type { CliIo } from '../io.ts';
import { writeNotice } from '../write-output.ts';
import { collectHeader, durationParser, shellQuoted, wholeNumberParser } from './parsers.ts';

/** What commander makes of the flags below. */
export interface SourceFlags {
  readonly prometheus?: string;
  readonly traces?: readonly string[];
  readonly generated?: number | true;
  readonly bearerTokenFile?: string;
  readonly bearerToken?: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly header?: Readonly<Record<string, string>>;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly insecureSkipVerify?: boolean;
  readonly timeout: number;
  readonly concurrency: number;
}

export type SourceChoice =
  | { readonly kind: 'prometheus'; readonly connection: HttpClientOptions }
  | { readonly kind: 'files'; readonly files: readonly string[] }
  | { readonly kind: 'generated'; readonly seed: number };

const DEFAULT_SEED = 1;

export function addSourceOptions(command: Command): Command {
  const source = (option: Option): Option => option.helpGroup('Source (one of them):');
  const connection = (option: Option): Option => option.helpGroup('Connection to Prometheus:');
  return command
    .addOption(source(new Option('--prometheus <url>', 'Prometheus, VictoriaMetrics, Thanos or Mimir').env('NEAP_PROMETHEUS_URL')))
    .addOption(source(new Option('--traces <files...>', 'recorded usage: CSV files, gzipped or not')))
    .addOption(
      source(
        new Option('--generated [seed]', `a generated cluster, for a look around; the default seed is ${DEFAULT_SEED}`).argParser(
          wholeNumberParser(0, 2 ** 31),
        ),
      ),
    )
    .addOption(connection(new Option('--bearer-token-file <file>', 'file with a token; read anew for every request')))
    .addOption(
      connection(
        new Option('--bearer-token <token>', 'token; better in the environment: a command line is seen by others').env('NEAP_BEARER_TOKEN'),
      ),
    )
    .addOption(connection(new Option('--username <name>', 'name for basic authentication')))
    .addOption(connection(new Option('--password-file <file>', 'file with the password; NEAP_PASSWORD in the environment does as well')))
    .addOption(
      connection(
        new Option('--header <header>', "extra header, as 'X-Scope-OrgID: team-a'; may be given several times").argParser(collectHeader),
      ),
    )
    .addOption(connection(new Option('--ca-file <file>', 'PEM file of the CA that signed the server certificate')))
    .addOption(connection(new Option('--cert-file <file>', 'PEM file of the client certificate (mTLS)')))
    .addOption(connection(new Option('--key-file <file>', 'PEM file of the key of the client certificate')))
    .addOption(connection(new Option('--insecure-skip-verify', 'accept any server certificate: only for a test cluster')))
    .addOption(
      connection(
        new Option('--timeout <duration>', 'longest wait for the beginning of an answer')
          .argParser(durationParser('1s', '1h'))
          .default(130, '130s'),
      ),
    )
    .addOption(
      connection(new Option('--concurrency <number>', 'requests under way at a time').argParser(wholeNumberParser(1, 32)).default(3)),
    );
}

/**
 * Decides for one source. Flags win over the environment.
 * @throws NeapError `usage` with every contradiction
 */
export async function chooseSource(command: Command, io: CliIo): Promise<SourceChoice> {
  const flags = withoutOverruled(command, command.opts<SourceFlags>());
  const given = [flags.prometheus, flags.traces, flags.generated].filter((value) => value !== undefined).length;
  const problems = contradictions(flags, io);
  if (given === 0) problems.unshift('no source is given');
  if (given > 1) problems.unshift('several sources are given');
  if (problems.length > 0) {
    throw new NeapError('usage', problems.join('; '), {
      remedy: 'Give one of --prometheus URL, --traces FILE and --generated, and one way to authenticate.',
    });
  }
  if (flags.traces !== undefined) return { kind: 'files', files: flags.traces };
  if (flags.generated !== undefined) return { kind: 'generated', seed: flags.generated === true ? DEFAULT_SEED : flags.generated };
  if (flags.insecureSkipVerify === true) await writeNotice(io.stderr, 'neap: warning: the certificate of the server is not verified\n');
  return { kind: 'prometheus', connection: await connectionOf(flags, io) };
}

/** The flags that lead to the source again, for a hint. What is secret is a placeholder: a hint ends up in logs. */
export function sourceFlagsText(choice: SourceChoice, command: Command): string {
  switch (choice.kind) {
    case 'prometheus': {
      const { url, basic } = parseBaseUrl(choice.connection.baseUrl);
      const login = basic === undefined ? [] : [`--username ${shellQuoted(basic.username)} --password-file FILE`];
      return [`--prometheus ${shellQuoted(url.href.replace(/\/$/, ''))}`, ...login, ...connectionFlags(command)].join(' ');
    }
    case 'files':
      return `--traces ${choice.files.map(shellQuoted).join(' ')}`;
    case 'generated':
      return `--generated ${choice.seed}`;
  }
}

/** Headers that say whose data is asked for; any other may hold a secret. */
const TENANT_HEADER = /^(x-scope-orgid|thanos-tenant|accountid|projectid)$/i;

/** The connection's flags as they were given; what the environment said, it says again. */
function connectionFlags(command: Command): string[] {
  const flags = command.opts<SourceFlags>();
  const word = (name: keyof SourceFlags): string => shellQuoted(String(flags[name]));
  const texts: readonly (readonly [keyof SourceFlags, () => string])[] = [
    ['bearerTokenFile', () => `--bearer-token-file ${word('bearerTokenFile')}`],
    ['bearerToken', () => '--bearer-token TOKEN'],
    ['username', () => `--username ${word('username')}`],
    ['passwordFile', () => `--password-file ${word('passwordFile')}`],
    ['header', () => headerFlags(flags.header ?? {})],
    ['caFile', () => `--ca-file ${word('caFile')}`],
    ['certFile', () => `--cert-file ${word('certFile')}`],
    ['keyFile', () => `--key-file ${word('keyFile')}`],
    ['insecureSkipVerify', () => '--insecure-skip-verify'],
    ['timeout', () => `--timeout ${formatDuration(flags.timeout)}`],
    ['concurrency', () => `--concurrency ${flags.concurrency}`],
  ];
  return texts.filter(([name]) => command.getOptionValueSource(name) === 'cli').map(([, text]) => text());
}

function headerFlags(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `--header ${shellQuoted(`${name}: ${TENANT_HEADER.test(name) ? value : 'VALUE'}`)}`)
    .join(' ');
}

/** Values of the environment, where flags on the same matter say something else. */
function withoutOverruled(command: Command, flags: SourceFlags): SourceFlags {
  const isFromEnvironment = (name: keyof SourceFlags): boolean => command.getOptionValueSource(name) === 'env';
  const { prometheus, bearerToken, ...rest } = flags;
  const keepUrl = !isFromEnvironment('prometheus') || (flags.traces === undefined && flags.generated === undefined);
  const keepToken = !isFromEnvironment('bearerToken') || (flags.bearerTokenFile === undefined && flags.username === undefined);
  return {
    ...rest,
    ...(keepUrl && prometheus !== undefined ? { prometheus } : {}),
    ...(keepToken && bearerToken !== undefined ? { bearerToken } : {}),
  };
}

function contradictions(flags: SourceFlags, io: CliIo): string[] {
  const problems: string[] = [];
  const hasPassword = flags.passwordFile !== undefined || (io.env.NEAP_PASSWORD ?? '') !== '';
  if (flags.bearerToken !== undefined && flags.bearerTokenFile !== undefined)
    problems.push('--bearer-token and --bearer-token-file exclude each other');
  if (flags.username !== undefined && (flags.bearerToken ?? flags.bearerTokenFile) !== undefined)
    problems.push('--username and a bearer token exclude each other');
  if (flags.username !== undefined && !hasPassword) problems.push('--username needs --password-file or NEAP_PASSWORD');
  if (flags.username === undefined && flags.passwordFile !== undefined) problems.push('--password-file needs --username');
  if ((flags.certFile === undefined) !== (flags.keyFile === undefined)) problems.push('--cert-file and --key-file go together');
  return problems;
}

async function connectionOf(flags: SourceFlags, io: CliIo): Promise<HttpClientOptions> {
  const baseUrl = flags.prometheus as string;
  parseBaseUrl(baseUrl);
  const basic = flags.username === undefined ? undefined : { username: flags.username, password: await passwordOf(flags, io) };
  return {
    baseUrl,
    credentials: { bearerToken: flags.bearerToken, bearerTokenFile: flags.bearerTokenFile, basic },
    tls: { caFile: flags.caFile, certFile: flags.certFile, keyFile: flags.keyFile, insecureSkipVerify: flags.insecureSkipVerify },
    headers: flags.header,
    timeouts: { headersMs: flags.timeout * 1000 },
    concurrency: flags.concurrency,
  };
}

async function passwordOf({ passwordFile }: SourceFlags, io: CliIo): Promise<string> {
  if (passwordFile === undefined) return io.env.NEAP_PASSWORD ?? '';
  try {
    return (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw new NeapError('usage', `reading the password file ${passwordFile}: ${messageOf(error)}`, { cause: error });
  }
}
