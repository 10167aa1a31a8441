import { once } from 'node:events';
import { Command, Option } from 'commander';
import { messageOf } from '../../common/errors.ts';
import { createLogger } from '../../common/log.ts';
import { withExamples } from './examples.ts';
import type { CliIo } from './io.ts';
import { openSource } from './open-source.ts';
import { type AnalysisFlags, addFilterOptions, addSizingOptions, analysisSettings } from './options/analysis-options.ts';
import { type LogFlags, logLevelOption } from './options/common-options.ts';
import { durationParser, wholeNumberParser } from './options/parsers.ts';
import { addSourceOptions, chooseSource } from './options/source-options.ts';
import { printable } from './output/printable.ts';
import { writeResult } from './write-output.ts';

interface ServeFlags extends AnalysisFlags, LogFlags {
  readonly port: number;
  readonly host: string;
  readonly refresh: number;
}

export function serveCommand(io: CliIo): Command {
  const command = new Command('serve').description('Show the analysis as a web page, and keep it up to date.');
  const where = (option: Option): Option => option.helpGroup('Page:');
  command
    .addOption(where(new Option('--port <number>', 'TCP port; 0 takes a free one').argParser(wholeNumberParser(0, 65_535)).default(8080)))
    .addOption(
      where(
        new Option('--host <address>', 'address to listen on; other than this machine it is open to whoever reaches it').default(
          '127.0.0.1',
        ),
      ),
    )
    .addOption(
      where(
        new Option('--refresh <duration>', 'read what is new and analyse again').argParser(durationParser('10s', '1d')).default(300, '5m'),
      ),
    );
  addSourceOptions(command);
  addFilterOptions(command);
  addSizingOptions(command);
  command.addOption(logLevelOption());
  withExamples(command, [
    { command: 'neap serve --prometheus http://localhost:9090', what: 'the page on http://127.0.0.1:8080/' },
    { command: 'neap serve --generated --port 0', what: 'the page of a generated cluster, on a free port' },
  ]);
  return command.action(() => runServe(command, io));
}

/** Runs until the signal; what is under way then is given up, and the port is free when this returns. */
async function runServe(command: Command, io: CliIo): Promise<void> {
  const flags = command.opts<ServeFlags>();
  const choice = await chooseSource(command, io);
  const settings = await analysisSettings(flags);
  const now = (): number => io.nowMillis() / 1000;
  // The page brings Express along, which the other commands need not wait for.
  const [{ createWebServer }, { startRefreshing }, { analyze }, { Registry }] = await Promise.all([
    import('../../web/server/server.ts'),
    import('../analysis/refresh.ts'),
    import('../analysis/analyze.ts'),
    import('prom-client'),
  ]);
  const log = createLogger(flags.logLevel, io.stderr);
  const registry = new Registry();
  const source = await openSource(choice, { ...settings, nowUnixSeconds: Math.floor(now()), clock: now });
  const refreshing = startRefreshing({
    source,
    refreshSeconds: flags.refresh,
    registry,
    now,
    run: (nowUnixSeconds, before, hooks) => analyze({ ...settings, source, ...hooks }, Math.floor(nowUnixSeconds), before),
    onFailure: (error) => log.error({ error: messageOf(error) }, 'the analysis failed'),
  });
  try {
    const server = await createWebServer({ readModel: refreshing, registry, log, uiDirectory: io.uiDirectory, now }).listen({
      port: flags.port,
      host: flags.host,
    });
    await writeResult(io.stdout, `${printable(`Neap shows ${source.title} at ${server.url}`)}\n`);
    if (!io.signal.aborted) await once(io.signal, 'abort');
    await server.close();
  } finally {
    await refreshing.stop();
    await source.close();
  }
}
