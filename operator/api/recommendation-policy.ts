import { z } from 'zod';
import { cpuQuantity, duration, memoryQuantity, percent } from '../../common/config/shapes.ts';
import { isLabelKey, isLabelValue } from '../../common/kubernetes-labels.ts';
import { type Bytes, DAY_SECONDS, type Fraction, fraction, HOUR_SECONDS, type Millicores, type Seconds } from '../../common/units.ts';
import type { LimitRule } from '../../predictor/core/sizing/sizing-policy.ts';
import { API_VERSION, objectMeta } from './object-meta.ts';

const LIMIT_RATIO = z.number().min(1).max(100).optional().describe('Limit ÷ request, with mode Ratio only.');

/** Rules that look at several fields must also run when one of the fields is wrong, so that all problems come at once. */
const always = { when: () => true };

interface LimitInput {
  readonly mode?: unknown;
  readonly ratio?: unknown;
}

const ratioGiven = (limit: LimitInput | undefined): boolean => limit?.mode !== 'Ratio' || limit.ratio !== undefined;
const ratioWanted = (limit: LimitInput | undefined): boolean => limit?.mode === 'Ratio' || limit?.ratio === undefined;
const RATIO_MISSING = {
  ...always,
  path: ['ratio'],
  error: 'is missing',
  params: { remedy: 'mode Ratio needs a ratio: write for example ratio: 2' },
};
const RATIO_UNUSED = {
  ...always,
  path: ['ratio'],
  error: 'has no effect',
  params: { remedy: 'write mode: Ratio, or leave the ratio out' },
};

interface BoundsInput {
  readonly min?: unknown;
  readonly max?: unknown;
}

const boundsAgree = (bounds: BoundsInput | undefined): boolean =>
  typeof bounds?.min !== 'number' || typeof bounds.max !== 'number' || bounds.min <= bounds.max;
const BOUNDS_CONTRADICT = { ...always, path: ['max'], error: 'is below min', params: { remedy: 'raise max or lower min' } };

const cpuLimit = z
  .strictObject({
    mode: z
      .enum(['Keep', 'None', 'Ratio'])
      .default('Keep')
      .describe(
        'Keep: an existing limit stays, raised where it would be below the recommended request; without one none is set. None: no limit. Ratio: recommended request × ratio.',
      ),
    ratio: LIMIT_RATIO,
  })
  .refine(ratioGiven, RATIO_MISSING)
  .refine(ratioWanted, RATIO_UNUSED);

const memoryLimit = z
  .strictObject({
    mode: z
      .enum(['EqualToRequest', 'Keep', 'None', 'Ratio'])
      .default('Keep')
      .describe(
        'EqualToRequest: the limit is the recommended request. Keep: an existing limit stays, raised where it would be below the recommended request; without one none is set. None: no limit. Ratio: recommended request × ratio.',
      ),
    ratio: LIMIT_RATIO,
  })
  .refine(ratioGiven, RATIO_MISSING)
  .refine(ratioWanted, RATIO_UNUSED);

const cpu = z
  .strictObject({
    riskBudgetPercent: percent()
      .default(1)
      .describe('Share of time, in percent, that the CPU use of the busiest pod may be above the recommended request.'),
    min: cpuQuantity().prefault('10m').describe('No CPU request is recommended below this quantity.'),
    max: cpuQuantity().optional().describe('No CPU request is recommended above this quantity. Default: no bound.'),
    limit: cpuLimit.prefault({}).describe('What becomes of the CPU limit.'),
  })
  .refine(boundsAgree, BOUNDS_CONTRADICT);

const memory = z
  .strictObject({
    oomBudgetPercent: percent()
      .default(0.1)
      .describe(
        "Share of time, in percent, that the memory use of the fullest pod may be above the request. Today's request is judged by it: its risk, the findings, and whether a small change is worth making. It does not size the recommended request, which is the highest use plus marginPercent.",
      ),
    marginPercent: z
      .number()
      .min(0)
      .max(1000)
      .default(15)
      .describe('Kept free, in percent of the highest use: a request is never recommended below the highest use plus this margin.'),
    min: memoryQuantity().prefault('16Mi').describe('No memory request is recommended below this quantity.'),
    max: memoryQuantity().optional().describe('No memory request is recommended above this quantity. Default: no bound.'),
    limit: memoryLimit.prefault({}).describe('What becomes of the memory limit.'),
  })
  .refine(boundsAgree, BOUNDS_CONTRADICT);

const historyBounds = { min: HOUR_SECONDS, max: 366 * DAY_SECONDS };

const history = z
  .strictObject({
    window: duration(historyBounds).prefault('14d').describe('How far back history is read at most, as a duration.'),
    minimum: duration({ min: 60, max: historyBounds.max })
      .prefault('24h')
      .describe('A container with less history than this duration gets no recommendation.'),
  })
  .refine((h) => typeof h?.minimum !== 'number' || typeof h.window !== 'number' || h.minimum <= h.window, {
    ...always,
    path: ['minimum'],
    error: 'is longer than the window',
    params: { remedy: 'shorten the minimum or lengthen the window: else nothing would ever be recommended' },
  });

function refuseBadLabels(labels: Readonly<Record<string, string>>, ctx: z.RefinementCtx): void {
  for (const [key, value] of Object.entries(labels)) {
    const refuse = (message: string, remedy: string): void => ctx.addIssue({ code: 'custom', path: [key], message, params: { remedy } });
    if (!isLabelKey(key)) refuse('has a key that is no label key', 'write for example app or app.kubernetes.io/name');
    if (!isLabelValue(value)) refuse('is no label value', 'write at most 63 letters, digits, "-", "_" and "."; one value a label');
  }
}

const selector = z.strictObject({
  matchLabels: z
    .record(z.string(), z.string())
    .superRefine(refuseBadLabels)
    .default({})
    .describe('Labels that the pods must have, all of them. Empty: any.'),
  namespaces: z.array(z.string().min(1)).default([]).describe('Names or * patterns of namespaces. Empty: any.'),
  kinds: z.array(z.string().min(1)).default([]).describe('Kinds of workloads (Deployment, StatefulSet, …), in any case. Empty: any.'),
});

export const recommendationPolicySpec = z.strictObject({
  selector: selector.prefault({}).describe('The workloads that the policy is for.'),
  cpu: cpu.prefault({}).describe('How CPU is sized.'),
  memory: memory.prefault({}).describe('How memory is sized.'),
  history: history.prefault({}).describe('How much history is used.'),
  minChangePercent: percent().default(5).describe('A change smaller than this, in percent of the current request, is not recommended.'),
});

export const recommendationPolicy = z
  .strictObject({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal('RecommendationPolicy'),
    metadata: objectMeta,
    spec: recommendationPolicySpec.prefault({}),
  })
  .refine((p) => p?.metadata?.namespace === undefined || (p.spec?.selector?.namespaces?.length ?? 0) === 0, {
    ...always,
    path: ['spec', 'selector', 'namespaces'],
    error: 'contradicts metadata.namespace',
    params: { remedy: 'a RecommendationPolicy is for its own namespace: leave one of the two out, or write a ClusterRecommendationPolicy' },
  });

export const clusterRecommendationPolicy = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('ClusterRecommendationPolicy'),
  metadata: objectMeta.omit({ namespace: true }),
  spec: recommendationPolicySpec.prefault({}),
});

export const anyRecommendationPolicy = z.discriminatedUnion('kind', [recommendationPolicy, clusterRecommendationPolicy]);

export type RecommendationPolicySpec = z.infer<typeof recommendationPolicySpec>;
export type RecommendationPolicy = z.infer<typeof recommendationPolicy>;
export type ClusterRecommendationPolicy = z.infer<typeof clusterRecommendationPolicy>;
export type AnyRecommendationPolicy = z.infer<typeof anyRecommendationPolicy>;

/** A policy as plain numbers, what the sizing reads. */
export interface ResolvedPolicy {
  readonly name: string;
  /** Which workloads; empty lists and '' mean any. `selector` is a Kubernetes label selector over pod labels. */
  readonly filter: { readonly namespaces: readonly string[]; readonly kinds: readonly string[]; readonly selector: string };
  /** Share of time that the use of the hottest pod may be above the request. */
  readonly cpuRiskBudget: Fraction;
  readonly cpuMinMillicores: Millicores;
  readonly cpuMaxMillicores: Millicores | undefined;
  readonly cpuLimit: LimitRule;
  /** Share of time that the use of the hottest pod may be above the request: judges today's request, sizes none. */
  readonly memoryRiskBudget: Fraction;
  /** Kept free above the highest use: 0.15 is 15 %. */
  readonly memoryMargin: Fraction;
  readonly memoryMinBytes: Bytes;
  readonly memoryMaxBytes: Bytes | undefined;
  readonly memoryLimit: LimitRule;
  readonly historyWindowSeconds: Seconds;
  /** Less history than this and nothing is recommended. */
  readonly minimumHistorySeconds: Seconds;
  /** Share of the current request below which a change is not worth making. */
  readonly minChange: Fraction;
}

const DEFAULT_SPEC: RecommendationPolicySpec = recommendationPolicySpec.parse({});

/** Turns a policy, or the default where there is none, into what the sizing reads. */
export function resolvePolicy(policy: AnyRecommendationPolicy | undefined): ResolvedPolicy {
  const spec = policy?.spec ?? DEFAULT_SPEC;
  const own = policy?.kind === 'RecommendationPolicy' ? policy.metadata.namespace : undefined;
  const labels = Object.entries(spec.selector.matchLabels).map(([name, value]) => `${name}=${value}`);
  return {
    name: policy?.metadata.name ?? 'default',
    filter: { namespaces: own === undefined ? spec.selector.namespaces : [own], kinds: spec.selector.kinds, selector: labels.join(',') },
    cpuRiskBudget: fraction(spec.cpu.riskBudgetPercent / 100),
    cpuMinMillicores: spec.cpu.min,
    cpuMaxMillicores: spec.cpu.max,
    cpuLimit: limitRule(spec.cpu.limit),
    memoryRiskBudget: fraction(spec.memory.oomBudgetPercent / 100),
    memoryMargin: fraction(spec.memory.marginPercent / 100),
    memoryMinBytes: spec.memory.min,
    memoryMaxBytes: spec.memory.max,
    memoryLimit: limitRule(spec.memory.limit),
    historyWindowSeconds: spec.history.window,
    minimumHistorySeconds: spec.history.minimum,
    minChange: fraction(spec.minChangePercent / 100),
  };
}

function limitRule(limit: { readonly mode: LimitRule['mode']; readonly ratio?: number | undefined }): LimitRule {
  return limit.mode === 'Ratio' ? { mode: 'Ratio', ratio: limit.ratio ?? 1 } : { mode: limit.mode };
}
