import { CommanderError } from 'commander';
import { EXIT_CODES, messageOf, NeapError } from '../../common/errors.ts';
import type { CliIo } from './io.ts';
import { printableLines } from './output/printable.ts';
import { createProgram } from './program.ts';
import { OutputError, writeNotice } from './write-output.ts';

/** As shells write it: 128 + the number of the signal. */
const EXIT_INTERRUPTED = 130;
/** sysexits' EX_SOFTWARE: a bug of ours, which none of the documented codes may hide. */
const EXIT_BUG = 70;
/** sysexits' EX_IOERR: the result is there, but could not be written. */
const EXIT_OUTPUT = 74;

/**
 * Runs one command line (without node and script) to its end.
 * @returns the exit code
 */
export async function run(args: readonly string[], outside: Omit<CliIo, 'setExitCode'>): Promise<number> {
  let exitCode: number = EXIT_CODES.done;
  const io: CliIo = {
    ...outside,
    setExitCode: (code) => {
      exitCode = code;
    },
  };
  try {
    await parse(args, io);
    return exitCode;
  } catch (error) {
    // Whatever was thrown on the way down, the reason is that somebody wanted the end.
    if (io.signal.aborted) return EXIT_INTERRUPTED;
    return await failed(error, io);
  }
}

async function parse(args: readonly string[], io: CliIo): Promise<void> {
  const writes: Promise<void>[] = [];
  try {
    await createProgram(io, writes).parseAsync(args, { from: 'user' });
  } finally {
    await Promise.all(writes);
  }
}

async function failed(error: unknown, io: CliIo): Promise<number> {
  // Commander has said what it had to say.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
  if (error instanceof OutputError) {
    await tell(io, `neap: ${error.message}\n`);
    return EXIT_OUTPUT;
  }
  if (!(error instanceof NeapError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
    await tell(io, `neap: this is a bug in Neap; please report it with what follows\n${stack}\n`);
    return EXIT_BUG;
  }
  await tell(io, `neap: ${withCause(error)}\n${error.remedy === undefined ? '' : `  → ${error.remedy}\n`}`);
  return EXIT_CODES[error.code];
}

/** Messages quote servers and files: what could steer a terminal is taken out. */
function tell(io: CliIo, text: string): Promise<void> {
  return writeNotice(io.stderr, printableLines(text));
}

/** Most messages hold what their cause says; those that don't get it on a line of its own. */
function withCause({ message, cause }: NeapError): string {
  const reason = cause === undefined ? '' : messageOf(cause);
  return reason === '' || message.includes(reason) ? message : `${message}\n  cause: ${reason}`;
}
