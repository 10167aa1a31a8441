import { Argument, Command, InvalidArgumentError } from 'commander';
import { didYouMean } from '../../common/did-you-mean.ts';
import { NeapError } from '../../common/errors.ts';
import { DAY_SECONDS, HOUR_SECONDS } from '../../common/units.ts';
import { type WorkloadRef, workloadKey } from '../../predictor/core/workload.ts';
import type { Analysis, WorkloadAnalysis } from '../analysis/analysis.ts';
import { totalsOf } from '../analysis/totals.ts';
import { analyzeOnce } from './analyze.ts';
import { withExamples } from './examples.ts';
import { appearanceOf, type CliIo } from './io.ts';
import { openSource } from './open-source.ts';
import { type AnalysisFlags, type AnalysisSettings, addSizingOptions, analysisSettings, filterWithin } from './options/analysis-options.ts';
import { addCommonOptions, type CommonFlags, formatOption, type LogFlags, logLevelOption } from './options/common-options.ts';
import { addSourceOptions, chooseSource, type SourceChoice } from './options/source-options.ts';
import { renderDocument, toDocument } from './output/document.ts';
import { renderExplanation } from './output/explanation.ts';
import { writeResult } from './write-output.ts';

interface ExplainFlags extends AnalysisFlags, CommonFlags, LogFlags {
  readonly output: 'text' | 'json' | 'yaml';
}

interface Target {
  readonly ref: WorkloadRef;
  readonly container: string | undefined;
}

export function explainCommand(io: CliIo): Command {
  const command = new Command('explain')
    .description('Print the whole way of each number of one workload: inputs and their age, every step, risk and money before and after.')
    .addArgument(new Argument('<workload>', 'NAMESPACE/KIND/NAME, or NAMESPACE/KIND/NAME/CONTAINER').argParser(parseTarget));
  addSourceOptions(command);
  addSizingOptions(command);
  command.addOption(formatOption(['text', 'json', 'yaml'], 'text'));
  addCommonOptions(command).addOption(logLevelOption());
  withExamples(command, [
    { command: 'neap explain shop/Deployment/cart --prometheus http://localhost:9090', what: 'why these numbers' },
    { command: 'neap explain shop/Deployment/cart/app --prometheus http://localhost:9090 -o json', what: 'one container, for a program' },
  ]);
  return command.action((target: Target) => runExplain(command, target, io));
}

function parseTarget(text: string): Target {
  const [namespace, kind, name, container, ...rest] = text.split('/');
  if (!namespace || !kind || !name || container === '' || rest.length > 0) {
    throw new InvalidArgumentError('Write NAMESPACE/KIND/NAME or NAMESPACE/KIND/NAME/CONTAINER, for example shop/Deployment/cart.');
  }
  return { ref: { namespace, kind, name }, container };
}

async function runExplain(command: Command, target: Target, io: CliIo): Promise<void> {
  const flags = command.opts<ExplainFlags>();
  const choice = await chooseSource(command, io);
  const all = await analysisSettings(flags);
  const { namespace, kind } = target.ref;
  const settings: AnalysisSettings = { ...all, filter: filterWithin(all.policy, { namespace: [namespace], kind: [kind] }) };
  const analysis = await analyzeOnce({ choice, settings, io, flags }).catch((error: unknown) => {
    // Nothing in this namespace or of this kind: the names that are there are told below.
    if (error instanceof NeapError && error.code === 'noData') return undefined;
    throw error;
  });
  const workload = analysis?.workloads.find((w) => sameWorkload(w.ref, target.ref));
  if (analysis === undefined || workload === undefined) throw await unknownWorkload(target.ref, { choice, settings: all, io });
  const shown = onlyContainer(workload, target.container);
  const narrowed = about(analysis, shown);
  const text =
    flags.output === 'text'
      ? renderExplanation(narrowed, shown, appearanceOf(io, flags))
      : renderDocument(toDocument(narrowed, undefined), flags.output);
  await writeResult(io.stdout, text);
}

/** Kinds are often typed in lower case. */
function sameWorkload(a: WorkloadRef, b: WorkloadRef): boolean {
  return a.namespace === b.namespace && a.name === b.name && a.kind.toLowerCase() === b.kind.toLowerCase();
}

function onlyContainer(workload: WorkloadAnalysis, container: string | undefined): WorkloadAnalysis {
  if (container === undefined) return workload;
  const containers = workload.containers.filter(({ name }) => name === container);
  if (containers.length > 0) return { ...workload, containers };
  const names = workload.containers.map(({ name }) => name);
  throw new NeapError('noData', `${workloadKey(workload.ref)} has no container ${container}`, { remedy: `It has ${names.join(', ')}.` });
}

/** The analysis as if this workload were all there is. */
function about(analysis: Analysis, workload: WorkloadAnalysis): Analysis {
  const key = workloadKey(workload.ref);
  const findings = analysis.findings.filter(({ subject }) => subject === undefined || subject === key || subject.startsWith(`${key}/`));
  return { ...analysis, workloads: [workload], totals: totalsOf([workload]), findings };
}

/** Time enough to see what runs, and little enough to be read at once. */
const NAMES_WINDOW_SECONDS = HOUR_SECONDS;

async function unknownWorkload(
  ref: WorkloadRef,
  { choice, settings, io }: { choice: SourceChoice; settings: AnalysisSettings; io: CliIo },
): Promise<NeapError> {
  const nowUnixSeconds = Math.floor(io.nowMillis() / 1000);
  const source = await openSource(choice, { ...settings, nowUnixSeconds });
  const message = `${source.title} has no usage of ${workloadKey(ref)}`;
  try {
    const { newestSampleUnixSeconds } = await source.inspect(io.signal);
    const end = Math.min(newestSampleUnixSeconds ?? nowUnixSeconds, nowUnixSeconds) + settings.stepSeconds;
    const request = {
      fromUnixSeconds: end - NAMES_WINDOW_SECONDS,
      toUnixSeconds: end,
      stepSeconds: settings.stepSeconds,
      eventsFromUnixSeconds: Math.floor((end - NAMES_WINDOW_SECONDS) / DAY_SECONDS) * DAY_SECONDS,
      filter: { namespaces: [], kinds: [], selector: '' },
      signal: io.signal,
    };
    const { workloads } = await source.read(request, { usage: () => undefined });
    const { policy } = settings;
    const found = [...workloads.values()].find((facts) => sameWorkload(facts.ref, ref));
    if (found !== undefined && policy.filter.selector !== '') {
      return new NeapError('usage', `policy ${policy.name} is not for ${workloadKey(found.ref)}: its pods lack ${policy.filter.selector}`, {
        remedy: 'Leave out --policy, or give the pods these labels.',
      });
    }
    const near = nearNames(
      ref,
      [...workloads.values()].map((facts) => facts.ref),
    );
    const remedy = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Run `neap analyze` to see the workloads that there are.';
    return new NeapError('noData', message, { remedy });
  } finally {
    await source.close();
  }
}

function nearNames(wanted: WorkloadRef, refs: readonly WorkloadRef[]): string[] {
  const sameName = refs.filter(({ name }) => name === wanted.name).map(workloadKey);
  return [...new Set([...sameName, ...didYouMean(workloadKey(wanted), refs.map(workloadKey))])].slice(0, 3);
}
