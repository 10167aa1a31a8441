import { type Command, Option } from 'commander';
import { readConfigFile } from '../../../common/config/read-config.ts';
import { formatDuration } from '../../../common/duration.ts';
import { NeapError } from '../../../common/errors.ts';
import type { WorkloadFilter } from '../../../predictor/source/history-source.ts';
import { compileFilter } from '../../../predictor/source/workload-filter.ts';
import type { AnalyzeOptions } from '../../analysis/analyze.ts';
import { priceBook, resolvePrices } from '../../api/price-book.ts';
import { anyRecommendationPolicy, type ResolvedPolicy, resolvePolicy } from '../../api/recommendation-policy.ts';
import { neapVersion } from '../version.ts';
import { collectWords, durationParser, shellQuoted } from './parsers.ts';

/** What commander makes of the flags below. */
export interface AnalysisFlags {
  readonly namespace?: readonly string[];
  readonly kind?: readonly string[];
  readonly selector?: string;
  readonly history?: number;
  readonly step: number;
  readonly policy?: string;
  readonly priceBook?: string;
}

/** Everything of an analysis but its source. */
export type AnalysisSettings = Omit<AnalyzeOptions, 'source' | 'onProgress' | 'signal'>;

export function addFilterOptions(command: Command): Command {
  const which = (option: Option): Option => option.helpGroup('Which workloads:');
  return command
    .addOption(which(new Option('-n, --namespace <name>', 'name or * pattern; may be given several times').argParser(collectWords)))
    .addOption(which(new Option('-k, --kind <kind>', 'Deployment, StatefulSet, …; may be given several times').argParser(collectWords)))
    .addOption(which(new Option('-l, --selector <selector>', 'label selector over pod labels, as "app=web,tier!=db"')));
}

export function addSizingOptions(command: Command): Command {
  const how = (option: Option): Option => option.helpGroup('How it is sized:');
  return command
    .addOption(
      how(
        new Option('--history <duration>', 'how far back to read at most (default: the window of the policy, 14d)').argParser(
          durationParser('1h', '366d'),
        ),
      ),
    )
    .addOption(
      how(new Option('--step <duration>', 'distance of the samples read').argParser(durationParser('15s', '1h')).default(300, '5m')),
    )
    .addOption(how(new Option('--policy <file>', 'RecommendationPolicy or ClusterRecommendationPolicy, YAML or JSON')))
    .addOption(how(new Option('--price-book <file>', 'PriceBook, YAML or JSON (default: the OpenCost default prices)')));
}

/** Reads the files that the flags name. Throws NeapError `usage`. */
export async function analysisSettings(flags: AnalysisFlags): Promise<AnalysisSettings> {
  const [policyObject, book] = await Promise.all([
    flags.policy === undefined ? undefined : readConfigFile(flags.policy, anyRecommendationPolicy),
    flags.priceBook === undefined ? undefined : readConfigFile(flags.priceBook, priceBook),
  ]);
  const policy = resolvePolicy(policyObject);
  const filter = filterWithin(policy, flags);
  const historySeconds = flags.history ?? policy.historyWindowSeconds;
  if (flags.step > historySeconds)
    throw new NeapError('usage', '--step is longer than the history', { remedy: 'Choose a smaller --step or a longer --history.' });
  return {
    policy,
    policyOrigin: flags.policy ?? 'default',
    prices: resolvePrices(book),
    historySeconds,
    stepSeconds: flags.step,
    filter,
    neapVersion: neapVersion(),
  };
}

/**
 * The workloads that both the policy is for and the flags want: what a policy says must not befall workloads that it
 * does not name.
 * @throws NeapError `usage` where the two exclude each other, or a flag is no name, kind or selector
 */
export function filterWithin(
  { name, filter }: ResolvedPolicy,
  flags: Pick<AnalysisFlags, 'namespace' | 'kind' | 'selector'>,
): WorkloadFilter {
  const { namespace = [], kind = [], selector = '' } = flags;
  compileFilter({ namespaces: namespace, kinds: kind, selector });
  // A pattern lies within another one where that matches its text: only a * takes a *.
  const within = compileFilter({ ...filter, selector: '' });
  const problems = [
    ...namespace.filter((n) => !within.matchesNamespace(n)).map((n) => `namespace ${n}, but ${filter.namespaces.join(', ')}`),
    ...kind.filter((k) => !within.matchesKind(k)).map((k) => `kind ${k}, but ${filter.kinds.join(', ')}`),
  ];
  if (problems.length > 0) {
    throw new NeapError('usage', `policy ${name} is not for ${problems.join('; not for ')}`, {
      remedy: 'Leave out --policy, or choose what it is for.',
    });
  }
  return {
    namespaces: namespace.length > 0 ? namespace : filter.namespaces,
    kinds: kind.length > 0 ? kind : filter.kinds,
    selector: [filter.selector, selector].filter((text) => text.trim() !== '').join(','),
  };
}

/** The sizing flags as they were given, for a hint that leads to the same numbers. */
export function sizingFlagsText(command: Command): string {
  const flags = command.opts<AnalysisFlags>();
  const given: readonly (readonly [keyof AnalysisFlags, string])[] = [
    ['history', `--history ${formatDuration(flags.history ?? 0)}`],
    ['step', `--step ${formatDuration(flags.step)}`],
    ['policy', `--policy ${shellQuoted(flags.policy ?? '')}`],
    ['priceBook', `--price-book ${shellQuoted(flags.priceBook ?? '')}`],
  ];
  return given.map(([name, text]) => (command.getOptionValueSource(name) === 'cli' ? ` ${text}` : '')).join('');
}
