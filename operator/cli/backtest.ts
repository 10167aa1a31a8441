import { Command, InvalidArgumentError, Option } from 'commander';
import { NeapError } from '../../common/errors.ts';
import { DECISIONS_HEADER, decisionRow, type ReplayOptions, replaySeries } from '../../predictor/core/backtest/replay.ts';
import { type ReplayScore, scoreReplay } from '../../predictor/core/backtest/score.ts';
import { readTraceSeries } from '../../predictor/source/file/trace-series.ts';
import { withExamples } from './examples.ts';
import { appearanceOf, type CliIo, progressOf } from './io.ts';
import { addCommonOptions, type CommonFlags } from './options/common-options.ts';
import { durationParser } from './options/parsers.ts';
import { renderBacktest } from './output/backtest-table.ts';
import { printable } from './output/printable.ts';
import { checkFolderOf, writeOutFile, writeResult } from './write-output.ts';

interface BacktestFlags extends CommonFlags {
  readonly traces?: readonly string[];
  readonly cadence: number;
  readonly budget: number;
  readonly horizon?: number;
  readonly warmup: number;
  readonly out?: string;
}

export function backtestCommand(io: CliIo): Command {
  const command = new Command('backtest').description(
    'Replay recorded use as if it were happening: decide requests from the past alone, and tell how they did.',
  );
  const replay = (option: Option): Option => option.helpGroup('Replay:');
  command
    .addOption(replay(new Option('--traces <file...>', 'CSV files `series,unix_s,value`, gzipped or not')))
    .addOption(
      replay(
        new Option('--cadence <duration>', 'how often a request may change').argParser(durationParser('5m', '7d')).default(3600, '1h'),
      ),
    )
    .addOption(
      replay(
        new Option('--budget <percent>', 'share of time that use may exceed the request').argParser(percentParser).default(0.01, '1%'),
      ),
    )
    .addOption(
      replay(
        new Option('--horizon <duration>', 'how long a request must hold; the cadence unless given').argParser(durationParser('5m', '7d')),
      ),
    )
    .addOption(
      replay(
        new Option('--warmup <duration>', 'time at the start of each series that is not scored')
          .argParser(durationParser('1h', '365d'))
          .default(432_000, '5d'),
      ),
    )
    .addOption(replay(new Option('--out <file>', 'write the decisions as CSV `series,from,to,request`')));
  addCommonOptions(command);
  withExamples(command, [
    {
      command: 'neap backtest --traces cpu.csv.gz --cadence 1h --budget 1% --out decisions.csv',
      what: 'what an hourly resize would have kept and cost',
    },
    { command: 'neap backtest --traces cpu.csv.gz --cadence 24h', what: 'the same with one restart a day' },
  ]);
  return command.action(() => runBacktest(command.opts<BacktestFlags>(), io));
}

async function runBacktest(flags: BacktestFlags, io: CliIo): Promise<void> {
  const { traces = [], cadence, budget, horizon, warmup } = flags;
  if (traces.length === 0) throw new NeapError('usage', 'no traces are given', { remedy: 'Write for example --traces cpu.csv.gz.' });
  if (flags.out !== undefined) await checkFolderOf(flags.out);
  const options: ReplayOptions = { cadenceSeconds: cadence, riskBudget: budget, horizonSeconds: horizon };
  const progress = progressOf(io, flags.quiet);
  const scores: ReplayScore[] = [];
  const rows: string[] = [DECISIONS_HEADER];
  try {
    for (const [done, path] of traces.entries()) {
      for await (const series of readTraceSeries(path, io.signal)) {
        progress.update({ stage: printable(`replaying ${series.name}`), done, total: traces.length });
        const decisions = [...replaySeries(series, options)];
        scores.push(scoreReplay(series, decisions, warmup));
        if (flags.out !== undefined) for (const decision of decisions) rows.push(decisionRow(decision));
      }
    }
  } finally {
    progress.clear();
  }
  if (scores.every(({ samples }) => samples === 0)) {
    throw new NeapError('noData', `no series of ${traces.join(', ')} is longer than the warm-up with decisions after it`, {
      remedy: 'Shorten --warmup, or give longer series.',
    });
  }
  if (flags.out !== undefined) await writeOutFile(flags.out, `${rows.join('\n')}\n`);
  await writeResult(io.stdout, renderBacktest(scores, budget, appearanceOf(io, { ...flags, out: undefined })));
}

/** `1%` or `0.5` (percent) as a share. */
function percentParser(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text);
  const percent = match ? Number(match[1]) : Number.NaN;
  if (!(percent > 0 && percent <= 50)) throw new InvalidArgumentError('It must be a percentage above 0 and up to 50, for example 1%.');
  return percent / 100;
}
