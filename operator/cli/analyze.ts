import { Command, Option } from 'commander';
import { EXIT_CODES, NeapError } from '../../common/errors.ts';
import { createLogger } from '../../common/log.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { type AnalyzeOptions, analyze } from '../analysis/analyze.ts';
import { withExamples } from './examples.ts';
import { FAIL_ON_SYNTAX, type FailRule, failures, parseFailRule } from './fail-on.ts';
import { appearanceOf, type CliIo, progressOf } from './io.ts';
import { openSource } from './open-source.ts';
import {
  type AnalysisFlags,
  type AnalysisSettings,
  addFilterOptions,
  addSizingOptions,
  analysisSettings,
  sizingFlagsText,
} from './options/analysis-options.ts';
import { addCommonOptions, type CommonFlags, formatOption, type LogFlags, logLevelOption } from './options/common-options.ts';
import { collectWords, wholeNumberParser } from './options/parsers.ts';
import { addSourceOptions, chooseSource, type SourceChoice, sourceFlagsText } from './options/source-options.ts';
import { FORMATS, type Format, renderAnalysis } from './output/render.ts';
import { checkFolderOf, writeNotice, writeOutFile, writeResult } from './write-output.ts';

interface AnalyzeFlags extends AnalysisFlags, CommonFlags, LogFlags {
  readonly output: Format;
  readonly top?: number;
  readonly out?: string;
  readonly failOn?: readonly string[];
}

export function analyzeCommand(io: CliIo): Command {
  const command = new Command('analyze').description(
    'Recommend requests and limits from history, with money and risk. Needs no access to a cluster.',
  );
  addSourceOptions(command);
  addFilterOptions(command);
  addSizingOptions(command);
  command
    .addOption(formatOption(FORMATS, 'table'))
    .addOption(
      new Option('--top <number>', 'show only the workloads that could save most; totals count all')
        .argParser(wholeNumberParser(1, 1_000_000))
        .helpGroup('Result:'),
    )
    .addOption(
      new Option(
        '--out <file>',
        'write the result to a file, as a whole or not at all (into a pipe or device as it comes); without -o its ending tells the format',
      ).helpGroup('Result:'),
    )
    .addOption(
      new Option('--fail-on <rule>', `end with 1 where a rule is hit: ${FAIL_ON_SYNTAX}; may be given several times`)
        .argParser(collectWords)
        .helpGroup('Result:'),
    );
  addCommonOptions(command).addOption(logLevelOption());
  withExamples(command, [
    { command: 'neap analyze --prometheus http://localhost:9090', what: 'what could be saved, and where requests are too small' },
    {
      command: "neap analyze --prometheus https://mimir.example.com/prometheus --header 'X-Scope-OrgID: team-a' --bearer-token-file token",
      what: 'a tenant of Mimir, with a token',
    },
    {
      command: "neap analyze --prometheus http://localhost:9090 -n 'shop-*' -k Deployment --top 10 -o wide",
      what: 'the ten most worthwhile Deployments of some namespaces, with everything there is to tell',
    },
    {
      command: 'neap analyze --prometheus http://localhost:9090 --price-book prices.yaml --out report.html',
      what: "a report to print, at one's own prices",
    },
    {
      command: 'neap analyze --prometheus http://localhost:9090 --fail-on risk=high,savings=30 -o json > analysis.json',
      what: 'a check for a pipeline: it ends with 1 where a rule is hit',
    },
    { command: 'neap analyze --generated', what: 'a look around without any server' },
  ]);
  return command.action(() => runAnalyze(command, io));
}

async function runAnalyze(command: Command, io: CliIo): Promise<void> {
  const flags = command.opts<AnalyzeFlags>();
  const rules = failRules(flags.failOn ?? []);
  const format = formatOf(command, flags);
  if (flags.out !== undefined) await checkFolderOf(flags.out);
  const choice = await chooseSource(command, io);
  const settings = await analysisSettings(flags);
  const analysis = await analyzeOnce({ choice, settings, io, flags });
  const text = renderAnalysis(analysis, {
    ...appearanceOf(io, flags),
    format,
    top: flags.top,
    sourceFlags: `${sourceFlagsText(choice, command)}${sizingFlagsText(command)}`,
  });
  if (flags.out === undefined) await writeResult(io.stdout, text);
  else await writeOutFile(flags.out, text);
  const hits = failures(analysis, rules);
  for (const hit of hits) await writeNotice(io.stderr, `neap: --fail-on ${hit}\n`);
  if (hits.length > 0) io.setExitCode(EXIT_CODES.findings);
}

export interface OneAnalysis {
  readonly choice: SourceChoice;
  readonly settings: AnalysisSettings;
  readonly io: CliIo;
  readonly flags: CommonFlags & LogFlags;
}

/** Opens the source, analyses it with progress on stderr, and closes it again. */
export async function analyzeOnce({ choice, settings, io, flags }: OneAnalysis): Promise<Analysis> {
  const nowUnixSeconds = Math.floor(io.nowMillis() / 1000);
  const log = createLogger(flags.logLevel, io.stderr);
  const progress = progressOf(io, flags.quiet);
  const source = await openSource(choice, { ...settings, nowUnixSeconds });
  try {
    const options: AnalyzeOptions = { ...settings, source, signal: io.signal, onProgress: progress.update };
    const { analysis } = await analyze(options, nowUnixSeconds);
    log.info({ source: source.title, ...analysis.counters }, 'history is read');
    return analysis;
  } finally {
    progress.clear();
    await source.close();
  }
}

function failRules(texts: readonly string[]): FailRule[] {
  return texts.map((text) => {
    const rule = parseFailRule(text);
    if (rule === undefined) throw new NeapError('usage', `--fail-on ${text} is no rule`, { remedy: `Write ${FAIL_ON_SYNTAX}.` });
    return rule;
  });
}

const ENDINGS: Readonly<Record<string, Format>> = {
  json: 'json',
  yaml: 'yaml',
  yml: 'yaml',
  csv: 'csv',
  md: 'markdown',
  html: 'html',
  htm: 'html',
};

function formatOf(command: Command, { output, out }: AnalyzeFlags): Format {
  const ending = /\.([a-z]+)$/.exec(out ?? '')?.[1] ?? '';
  return command.getOptionValueSource('output') === 'default' ? (ENDINGS[ending] ?? output) : output;
}
