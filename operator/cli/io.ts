import { createProgress, type ProgressReporter } from '../../common/progress.ts';

export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** All that a command touches of the outside besides files and the network. */
export interface CliIo {
  /** Results only. */
  readonly stdout: OutputStream;
  /** Progress, warnings, logs. */
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Wall clock. */
  readonly nowMillis: () => number;
  /** Ends whatever is under way. */
  readonly signal: AbortSignal;
  /** Where `npm run build` puts the page. */
  readonly uiDirectory: string;
  /** The code that the process ends with, where it is not 0. */
  readonly setExitCode: (code: number) => void;
}

export interface Appearance {
  /** Characters of a line; Infinity where the text goes into a pipe or a file. */
  readonly width: number;
  readonly color: boolean;
  /** IANA name; undefined for the machine's. */
  readonly timeZone: string | undefined;
}

export interface AppearanceFlags {
  readonly color: boolean;
  readonly utc?: boolean | undefined;
  /** The result goes to a file. */
  readonly out?: string | undefined;
}

/** How text looks where it goes: colours and a width on a terminal only, NO_COLOR and TERM=dumb respected. */
export function appearanceOf(io: CliIo, flags: AppearanceFlags): Appearance {
  const isTerminal = io.stdout.isTTY === true && flags.out === undefined;
  const wantsColor = flags.color && (io.env.NO_COLOR ?? '') === '' && io.env.TERM !== 'dumb';
  return {
    width: isTerminal ? (io.stdout.columns ?? 80) : Number.POSITIVE_INFINITY,
    color: isTerminal && wantsColor,
    timeZone: flags.utc === true ? 'UTC' : undefined,
  };
}

export function progressOf(io: CliIo, quiet: boolean | undefined): ProgressReporter {
  return createProgress({ stream: io.stderr, quiet: quiet === true, nowMillis: io.nowMillis });
}
