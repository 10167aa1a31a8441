import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../common/config/config-error.ts';
import { parseConfig, readConfigFile } from '../../../common/config/read-config.ts';
import { anyRecommendationPolicy, resolvePolicy } from '../../../operator/api/recommendation-policy.ts';

const policy = (spec: string, kind = 'RecommendationPolicy', metadata = '{name: p}'): string =>
  `apiVersion: neap.dev/v1alpha1\nkind: ${kind}\nmetadata: ${metadata}\nspec: ${spec}\n`;

function problemsOf(text: string): string[] {
  try {
    parseConfig(text, 'policy.yaml', anyRecommendationPolicy);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((p) => `${p.line}:${p.column} ${p.path}: ${p.message}: ${p.remedy}`);
    throw error;
  }
  return [];
}

describe('a policy file', () => {
  it('reports all five mistakes with lines and paths', () => {
    const text = [
      'apiVersion: neap.dev/v1alpha1',
      'kind: RecommendationPolicy',
      'metadata:',
      '  name: shop',
      'spec:',
      '  cpu:',
      '    riskBudgetPercent: 150',
      '    min: "2"',
      '    max: 500m',
      '  memory:',
      '    margin: 15',
      '    limit: {mode: Ratio}',
      '  history:',
      '    minimum: 2 days',
      '',
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      '7:24 spec.cpu.riskBudgetPercent: is above 100: write 100 or less',
      '9:10 spec.cpu.max: is below min: raise max or lower min',
      '11:5 spec.memory.margin: is not known here: remove it; known here: oomBudgetPercent, marginPercent, min, max, limit',
      '12:5 spec.memory.limit.ratio: is missing: mode Ratio needs a ratio: write for example ratio: 2',
      '14:14 spec.history.minimum: is not a duration: write for example 30m, 24h or 14d',
    ]);
  });

  it.each([
    ['a ratio without mode Ratio', policy('{cpu: {limit: {ratio: 2}}}'), 'spec.cpu.limit.ratio: has no effect'],
    ['a minimum longer than the window', policy('{history: {window: 1d, minimum: 2d}}'), 'spec.history.minimum: is longer than the window'],
    ['memory bounds that contradict', policy('{memory: {min: 2Gi, max: 1Gi}}'), 'spec.memory.max: is below min'],
    [
      'namespaces beside a namespace',
      policy('{selector: {namespaces: [a]}}', 'RecommendationPolicy', '{name: p, namespace: b}'),
      'contradicts metadata.namespace',
    ],
    ['another kind', policy('{}', 'Recommendationpolicy'), 'kind: is not one of the choices: did you mean RecommendationPolicy?'],
    ['another group', policy('{}').replace('neap.dev', 'example.com'), 'apiVersion: is not one of the choices: write neap.dev/v1alpha1'],
    [
      'a name that Kubernetes would refuse',
      policy('{}', 'RecommendationPolicy', '{name: My_Policy}'),
      'metadata.name: is not of the expected form',
    ],
    ['a risk below zero', policy('{cpu: {riskBudgetPercent: -1}}'), 'spec.cpu.riskBudgetPercent: is below 0'],
    [
      'a mode that does not exist for CPU',
      policy('{cpu: {limit: {mode: EqualToRequest}}}'),
      'spec.cpu.limit.mode: is not one of the choices',
    ],
  ])('with %s is refused', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(problem)]);
  });

  it('tells every label that Kubernetes would refuse, at its line', () => {
    const labels = ['    app: "web,tier"', '    -bad: x', '    app.kubernetes.io/part-of: shop', '    "a=b": "c d"', '    empty: ""'].join(
      '\n',
    );
    expect(problemsOf(policy(`\n  selector:\n   matchLabels:\n${labels}`)).map((problem) => problem.replace(/: write .*/, ''))).toEqual([
      '7:10 spec.selector.matchLabels.app: is no label value',
      '8:11 spec.selector.matchLabels.-bad: has a key that is no label key',
      '10:12 spec.selector.matchLabels["a=b"]: has a key that is no label key',
      '10:12 spec.selector.matchLabels["a=b"]: is no label value',
    ]);
  });

  it.each(['crds/samples/recommendation-policy.yaml', 'crds/samples/cluster-recommendation-policy.yaml'])('%s is good', async (file) => {
    await expect(readConfigFile(file, anyRecommendationPolicy)).resolves.toBeDefined();
  });
});

describe('resolvePolicy', () => {
  it('gives the documented defaults without a policy, and with an empty one', () => {
    const expected = {
      filter: { namespaces: [], kinds: [], selector: '' },
      cpuRiskBudget: 0.01,
      cpuMinMillicores: 10,
      cpuMaxMillicores: undefined,
      cpuLimit: { mode: 'Keep' },
      memoryRiskBudget: 0.001,
      memoryMargin: 0.15,
      memoryMinBytes: 16 * 2 ** 20,
      memoryMaxBytes: undefined,
      memoryLimit: { mode: 'Keep' },
      historyWindowSeconds: 14 * 86_400,
      minimumHistorySeconds: 86_400,
      minChange: 0.05,
    };
    expect(resolvePolicy(undefined)).toEqual({ name: 'default', ...expected });
    expect(resolvePolicy(parseConfig(policy('{}'), 'f', anyRecommendationPolicy))).toEqual({ name: 'p', ...expected });
  });

  it('turns the selector into a filter: labels into a selector, the namespace of the policy into the namespace', () => {
    const text = policy(
      '{selector: {matchLabels: {app: web, tier: "1"}, kinds: [Deployment]}}',
      'RecommendationPolicy',
      '{name: p, namespace: shop}',
    );
    expect(resolvePolicy(parseConfig(text, 'f', anyRecommendationPolicy)).filter).toEqual({
      namespaces: ['shop'],
      kinds: ['Deployment'],
      selector: 'app=web,tier=1',
    });
  });

  it('carries bounds and ratios in plain numbers', () => {
    const text = policy(
      '{cpu: {min: 20m, max: "4", limit: {mode: Ratio, ratio: 1.5}}, memory: {max: 1.5Gi, limit: {mode: None}}, minChangePercent: 10}',
      'ClusterRecommendationPolicy',
    );
    expect(resolvePolicy(parseConfig(text, 'f', anyRecommendationPolicy))).toMatchObject({
      cpuMinMillicores: 20,
      cpuMaxMillicores: 4000,
      cpuLimit: { mode: 'Ratio', ratio: 1.5 },
      memoryMaxBytes: 1.5 * 2 ** 30,
      memoryLimit: { mode: 'None' },
      minChange: 0.1,
    });
  });
});
