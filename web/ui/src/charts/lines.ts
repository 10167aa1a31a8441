/** How each line of a usage chart is drawn, in the chart and in its legend: told apart by dashes, too. */
export const LINES = {
  hottest: { title: 'Hottest pod', color: 'used', dash: [], width: 1.6 },
  mean: { title: 'Mean of pods', color: 'used', dash: [], width: 0.8 },
  request: { title: 'Request', color: 'request', dash: [], width: 2 },
  recommended: { title: 'Recommended', color: 'recommended', dash: [9, 4], width: 2.2 },
  limit: { title: 'Limit', color: 'limit', dash: [3, 3], width: 1.8 },
} as const;

export type LineId = keyof typeof LINES;
