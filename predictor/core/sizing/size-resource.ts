import { formatRoughly } from '../../../common/duration.ts';
import { known, type Result, unknown } from '../../../common/result.ts';
import { DAY_SECONDS } from '../../../common/units.ts';
import type { ProfileView } from '../profile/resource-profile.ts';
import { oneLine, type TraceStep } from '../trace.ts';
import type { Resource } from '../workload.ts';
import { roundUp, show, showPercent } from './amounts.ts';
import { cpuNeed, type Need } from './cpu-need.ts';
import { memoryNeed } from './memory-need.ts';
import type { LimitRule, ResourceSizing, SizingPolicy } from './sizing-policy.ts';

/** Why nothing is recommended. */
export type SizingRefusal =
  | 'NoUsage'
  | 'TooYoung'
  /** All samples are zero: a broken exporter looks the same, so nothing is concluded. */
  | 'OnlyZeros'
  | 'UsageStopped'
  | 'NotRunning'
  | 'HpaOnResource'
  /** CPU of runs that are short against the step is a mean over time in which they did not run. */
  | 'RunsShorterThanStep'
  /** The policy's maximum is below what memory has already needed: obeying it would kill pods. */
  | 'CeilingBelowPeak';

export interface SizingInput {
  readonly resource: Resource;
  readonly profile: ProfileView;
  readonly policy: SizingPolicy;
  readonly currentRequest: number | undefined;
  readonly currentLimit: number | undefined;
  readonly runningPods: number;
  /** Runs now and then (CronJob, Job): not running at the moment says nothing. */
  readonly intermittent: boolean;
  readonly hpaOnResource: boolean;
  /** Bytes; memory only. */
  readonly oomLimitBytes?: number | undefined;
  /** End of the window that was read, unix seconds; not the clock, so that old histories can be looked at. */
  readonly windowEndUnixSeconds: number;
  readonly stepSeconds: number;
}

export interface Sized {
  readonly request: number;
  /** undefined: set none. */
  readonly limit: number | undefined;
  /** Share of time in the window with the hottest pod above `request`. */
  readonly overloadAfter: number;
  readonly why: string;
}

export interface SizingOutcome {
  readonly result: Result<Sized, SizingRefusal>;
  /** Every step taken, also up to a refusal. */
  readonly trace: readonly TraceStep[];
}

/** A running container that has sent no usage for longer than this has a broken history. Six scrape gaps of a
 *  step of 5 minutes; rollouts and node changes take less. */
const STOPPED_AFTER_SECONDS = 1800;

/** Longest pause of intermittent work that is still alive: a weekly run and a day of grace. */
const INTERMITTENT_STOPPED_AFTER_SECONDS = 8 * DAY_SECONDS;

/** Runs that fill less of their steps than this look less than half as busy as they are. */
const SHORT_RUN_SHARE = 0.5;

/** Sizes one resource of one container. Pure: the same input gives the same outcome. */
export function sizeResource(input: SizingInput): SizingOutcome {
  const trace: TraceStep[] = [];
  const refused = refusal(input);
  if (input.profile.span.slots > 0) trace.push(historyStep(input));
  if (refused) {
    trace.push({ stage: 'refused', text: refused.detail ?? refused.reason });
    return { result: refused, trace };
  }
  const sizing = input.policy[input.resource];
  const need = needOf(input, sizing);
  trace.push(...need.trace);
  if (input.resource === 'memory' && sizing.max !== undefined && sizing.max < need.amount) {
    const detail = `Needs ${show('memory', need.amount)}, above the policy's maximum of ${show('memory', sizing.max)}: keeping to it would kill pods.`;
    trace.push({ stage: 'refused', text: detail });
    return { result: unknown('CeilingBelowPeak', detail), trace };
  }
  const needed = notBelowCapped(input, need.amount, trace);
  const bounded = withinBounds(input.resource, needed, sizing, trace);
  const request = worthChanging(input, bounded, needed, trace);
  trace.push({
    stage: 'request',
    short: show(input.resource, request),
    text: `Recommended request: ${show(input.resource, request)}.`,
    amount: request,
  });
  const limit = limitFor(sizing.limit, request, input, trace);
  const overloadAfter = input.profile.distribution.shareAbove(request);
  trace.push({
    stage: 'check',
    text: `Over the window the hottest pod would have been above it ${showPercent(overloadAfter)} of the time; the budget is ${showPercent(sizing.riskBudget)}.`,
  });
  return { result: known({ request, limit, overloadAfter, why: oneLine(trace) }), trace };
}

function refusal(input: SizingInput): Extract<Result<never, SizingRefusal>, { ok: false }> | undefined {
  const { span, distribution } = input.profile;
  if (span.slots === 0) return unknown('NoUsage', 'No usage sample in the window.');
  // What runs now and then is seen for minutes a day: the time since it was first seen counts, else the time with samples.
  const history = input.intermittent ? span.lastUnixSeconds - span.firstUnixSeconds : span.slots * input.stepSeconds;
  const { minimumHistorySeconds } = input.policy;
  if (input.runningPods === 0 && !input.intermittent)
    return unknown('NotRunning', 'No pod runs at the end of the window: nothing to size.');
  if (history < minimumHistorySeconds) {
    return unknown('TooYoung', `Needs ${formatRoughly(minimumHistorySeconds)} with samples, has ${formatRoughly(history)}.`);
  }
  if (distribution.peak <= 0) {
    return unknown('OnlyZeros', 'Every sample is zero: a broken exporter looks the same, so nothing is concluded from it.');
  }
  const silence = input.windowEndUnixSeconds - span.lastUnixSeconds;
  const patience = input.intermittent ? INTERMITTENT_STOPPED_AFTER_SECONDS : Math.max(STOPPED_AFTER_SECONDS, 3 * input.stepSeconds);
  if (silence > patience) {
    return unknown('UsageStopped', `The newest usage sample is ${formatRoughly(silence)} older than the window's end.`);
  }
  if (input.resource === 'cpu' && input.intermittent && span.meanPods < SHORT_RUN_SHARE) {
    return unknown(
      'RunsShorterThanStep',
      `Runs fill ${showPercent(span.meanPods)} of the ${formatRoughly(input.stepSeconds)} steps that they fall into: their CPU use is averaged with time in which they did not run. A shorter --step shows it.`,
    );
  }
  if (input.hpaOnResource) {
    return unknown(
      'HpaOnResource',
      `A HorizontalPodAutoscaler scales this workload on ${input.resource} relative to its request: changing the request would change the number of pods.`,
    );
  }
  return undefined;
}

function historyStep({ profile, resource }: SizingInput): TraceStep {
  const { span } = profile;
  const hot =
    span.hotPodRatio >= 1.05
      ? ` The hottest pod uses ${Number(span.hotPodRatio.toFixed(2))} times the mean of ${Number(span.meanPods.toFixed(1))} pods; it is the one that is sized for.`
      : '';
  return {
    stage: 'history',
    text: `${formatRoughly(span.lastUnixSeconds - span.firstUnixSeconds)} of history, ${span.slots} samples, mean use ${show(resource, span.meanUse)} a pod.${hot}`,
  };
}

function needOf(input: SizingInput, sizing: ResourceSizing): Need {
  return input.resource === 'cpu'
    ? cpuNeed(input.profile, sizing.riskBudget)
    : memoryNeed(input.profile, sizing.peakMargin, input.oomLimitBytes);
}

/** Use within this share of the limit is use that the limit cut off: quotas are kept on average, not to the last cycle. */
const CAPPED_SHARE = 0.97;

/** Where CPU use lies at its limit, nobody has seen what is wanted: the request is not lowered on that evidence. */
function notBelowCapped({ resource, profile, currentLimit, currentRequest }: SizingInput, needed: number, trace: TraceStep[]): number {
  if (resource !== 'cpu' || currentLimit === undefined || profile.distribution.quantile(0.95) < CAPPED_SHARE * currentLimit) return needed;
  const kept = Math.max(needed, currentRequest ?? 0, currentLimit);
  trace.push({
    stage: 'capped',
    short: `capped by its limit ${show('cpu', currentLimit)}`,
    text: `Use lies at the limit of ${show('cpu', currentLimit)} for 5 % of the time or more: what the container would use without it is not known, so the request is at least that. Raise the limit to find out.`,
    amount: kept,
  });
  return kept;
}

/** The amount in what is written, within the policy's bounds: up to a whole step, but never past the maximum. */
function withinBounds(resource: Resource, amount: number, sizing: ResourceSizing, trace: TraceStep[]): number {
  if (amount < sizing.min) {
    const floor = roundUp(resource, sizing.min);
    trace.push({
      stage: 'floor',
      short: `floor ${show(resource, floor)}`,
      text: `Raised to the policy's minimum of ${show(resource, sizing.min)}.`,
      amount: floor,
    });
    return floor;
  }
  const rounded = roundUp(resource, amount);
  if (sizing.max === undefined || rounded <= sizing.max) return rounded;
  if (amount > sizing.max) {
    trace.push({
      stage: 'ceiling',
      short: `ceiling ${show(resource, sizing.max)}`,
      text: `Cut to the policy's maximum of ${show(resource, sizing.max)}: the risk budget may not be kept.`,
      amount: sizing.max,
    });
  }
  return sizing.max;
}

function worthChanging(input: SizingInput, request: number, needed: number, trace: TraceStep[]): number {
  const { currentRequest: current, profile, policy, resource } = input;
  const sizing = policy[resource];
  if (current === undefined || current <= 0 || request === current) return request;
  const change = request / current - 1;
  const withinPolicy = current >= sizing.min && (sizing.max === undefined || current <= sizing.max);
  // Memory below its need is never left for being near it: limits follow the request, and a peak of memory is killed.
  const safeAsIs = resource === 'memory' ? current >= needed : profile.distribution.shareAbove(current) <= sizing.riskBudget;
  if (Math.abs(change) >= policy.minimumChange || !withinPolicy || (change > 0 && !safeAsIs)) return request;
  trace.push({
    stage: 'unchanged',
    short: 'too small a change',
    text: `${show(resource, request)} is within ${showPercent(policy.minimumChange)} of today's ${show(resource, current)}: not worth a change.`,
    amount: current,
  });
  return current;
}

function limitFor(rule: LimitRule, request: number, input: SizingInput, trace: TraceStep[]): number | undefined {
  const limit = limitAmount(rule, request, input);
  const shown = limit === undefined ? 'none' : show(input.resource, limit);
  trace.push({
    stage: 'limit',
    text: `Limit by the policy's mode ${rule.mode}: ${shown}.`,
    ...(limit === undefined ? {} : { amount: limit }),
  });
  return limit;
}

function limitAmount(rule: LimitRule, request: number, { currentLimit, resource }: SizingInput): number | undefined {
  switch (rule.mode) {
    case 'Keep':
      return currentLimit === undefined ? undefined : Math.max(currentLimit, request);
    case 'None':
      return undefined;
    case 'EqualToRequest':
      return request;
    case 'Ratio':
      return roundUp(resource, request * rule.ratio);
  }
}
