import { Command } from 'commander';
import { analyzeCommand } from './analyze.ts';
import { backtestCommand } from './backtest.ts';
import { doctorCommand } from './doctor.ts';
import { withExamples } from './examples.ts';
import { explainCommand } from './explain.ts';
import type { CliIo } from './io.ts';
import { printableLines } from './output/printable.ts';
import { serveCommand } from './serve.ts';
import { neapVersion } from './version.ts';
import { writeNotice, writeResult } from './write-output.ts';

/**
 * The whole command line; it throws instead of ending the process. `writes` collects what becomes of the help, which
 * nothing else waits for.
 */
export function createProgram(io: CliIo, writes: Promise<void>[] = []): Command {
  const program = new Command('neap')
    .description(
      'Right-sizes Kubernetes workloads from their history, and says what each number rests on, what it saves and what it risks.',
    )
    .version(neapVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command');
  for (const command of [analyzeCommand(io), explainCommand(io), doctorCommand(io), serveCommand(io), backtestCommand(io)])
    program.addCommand(command);
  withExamples(program, [
    { command: 'neap doctor --prometheus http://localhost:9090', what: 'first: is the history good enough?' },
    { command: 'neap analyze --prometheus http://localhost:9090', what: 'then: what is to be gained' },
  ]);
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .configureOutput({
        writeOut: (text) => void writes.push(writeResult(io.stdout, text)),
        writeErr: (text) => void writes.push(writeNotice(io.stderr, printableLines(text))),
        getOutHelpWidth: () => io.stdout.columns ?? 100,
        getErrHelpWidth: () => io.stderr.columns ?? 100,
      })
      .helpOption('-h, --help', 'print this help');
  }
  return program;
}
