import { z } from 'zod';

/** Changes with every change that could break a reader; additions keep it. */
export const ANALYSIS_SCHEMA = 'neap.dev/analysis/v1';

const amount = z.number().describe('In the unit of its resource.');
const share = z.number().describe('A share of one: 0.01 is one percent.');
const money = z.number().describe('Per month of 730 hours, in prices.currency, not rounded.');
const unixSeconds = z.number();

/** Unknown is never 0: it is a reason. */
function maybe<T extends z.ZodType>(value: T) {
  return z.discriminatedUnion('ok', [
    z.strictObject({ ok: z.literal(true), value }),
    z.strictObject({
      ok: z.literal(false),
      reason: z.string().describe('Stable code, CamelCase.'),
      detail: z.string().nullable().describe('A sentence for a person.'),
    }),
  ]);
}

const usage = z.strictObject({
  p50: amount,
  p95: amount,
  p99: amount,
  max: amount,
  mean: amount.describe('Mean over time and pods; the other figures are of the pod that uses most.'),
  samples: z.number(),
  historySeconds: z.number(),
});

const recommendation = z.strictObject({
  request: amount,
  limit: amount.nullable().describe('null: set no limit.'),
  overloadAfter: share.describe('Share of time that the busiest pod would have been above the recommended request.'),
  why: z.string(),
});

const traceStep = z.strictObject({
  stage: z.string(),
  text: z.string(),
  amount: amount.nullable(),
});

const resource = z.strictObject({
  resource: z.enum(['cpu', 'memory']),
  unit: z.enum(['millicores', 'bytes']),
  currentKnown: z
    .boolean()
    .describe(
      'Whether the source knows request and limit. If not, both are null, cost now is taken as cost after, waste is 0, and nothing is said of risk.',
    ),
  currentRequest: amount.nullable().describe('null: nothing is requested, or currentKnown is false.'),
  currentLimit: amount.nullable().describe('null: there is no limit, or currentKnown is false.'),
  usage: maybe(usage),
  recommendation: maybe(recommendation),
  trace: z.array(traceStep).describe('Every step on the way to the recommendation, or to its refusal.'),
  overloadNow: share.nullable().describe('Share of time that the busiest pod was above the current request; null without one.'),
  costNowPerMonth: money,
  costAfterPerMonth: money,
  wastePerMonth: money,
});

const workload = z.strictObject({
  namespace: z.string(),
  kind: z.string(),
  name: z.string(),
  pods: z.number().describe('Mean number of pods that money is counted for: the container with most of them.'),
  risk: z.enum(['high', 'medium', 'low', 'unknown']).describe('How the current requests do.'),
  costNowPerMonth: money,
  costAfterPerMonth: money,
  savingsPerMonth: money.describe('Cost now less cost after; negative where safety costs more.'),
  wastePerMonth: money,
  containers: z.array(
    z.strictObject({
      name: z.string(),
      pods: z.number().describe('Mean number of pods that its money is counted for; 0 where it is gone.'),
      oomKills: z.number().nullable().describe('At least so many in the window; null where the source cannot know.'),
      throttledShare: share.nullable().describe('Share of CFS periods that ran out of quota; null where unknown or without limit.'),
      cpu: resource,
      memory: resource,
    }),
  ),
});

const totals = z.strictObject({
  workloads: z.number(),
  containers: z.number(),
  recommended: z.number().describe('Containers with a recommendation for both resources.'),
  costNowPerMonth: money,
  costAfterPerMonth: money,
  potentialSavingsPerMonth: money.describe('Sum of what falls. Potential: the bill shrinks only when nodes go away.'),
  addedForSafetyPerMonth: money.describe('Sum of what rises.'),
  wastePerMonth: money.describe('What is requested and was not used on average.'),
  requestedMillicores: z.number(),
  usedMillicores: z.number(),
  recommendedMillicores: z.number(),
  requestedBytes: z.number(),
  usedBytes: z.number(),
  recommendedBytes: z.number(),
});

const finding = z.strictObject({
  severity: z.enum(['info', 'warning', 'critical']),
  code: z.string().describe('Stable code, CamelCase.'),
  text: z.string(),
  remedy: z.string().describe("'' where nothing is to be done."),
  subject: z.string().nullable().describe('namespace/kind/name[/container]; null where it is about the whole.'),
});

/** What `neap analyze -o json` and `-o yaml` print. Every field is always there; null is unknown or unset, never 0. */
export const analysisDocument = z.strictObject({
  schema: z.literal(ANALYSIS_SCHEMA),
  generatedAt: z.iso.datetime(),
  neapVersion: z.string(),
  source: z.strictObject({ title: z.string(), server: z.string() }),
  window: z.strictObject({
    fromUnixSeconds: unixSeconds.describe('Begin of what was asked for.'),
    toUnixSeconds: unixSeconds,
    stepSeconds: z.number(),
    dataFromUnixSeconds: unixSeconds.describe('Start of the oldest sample in the window.'),
  }),
  freshness: z.strictObject({
    newestSampleUnixSeconds: unixSeconds.nullable(),
    ageSeconds: z.number().nullable(),
    stale: z.boolean(),
  }),
  prices: z.strictObject({
    currency: z.string().describe('ISO 4217.'),
    cpuCoreHour: z.number(),
    memoryGibHour: z.number(),
    origin: z.string(),
  }),
  policy: z.strictObject({ name: z.string(), origin: z.string(), cpuRiskBudget: share, memoryRiskBudget: share }),
  totals: totals.describe('Over all workloads, also those that --top leaves out.'),
  workloadsLeftOut: z.number().describe('Workloads that --top left out.'),
  workloads: z.array(workload).describe('What could be saved most first.'),
  findings: z.array(finding).describe('What to know before believing the numbers, the gravest first.'),
  counters: z.record(z.string(), z.number()).describe('How the reading went: requests, series, samples, gaps, …'),
});

export type AnalysisDocument = z.infer<typeof analysisDocument>;
export type WorkloadDocument = z.infer<typeof workload>;
