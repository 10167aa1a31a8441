/** What sizing has to keep to, in numbers. Shares are 0…1, amounts millicores or bytes. */
export interface SizingPolicy {
  readonly cpu: ResourceSizing;
  readonly memory: ResourceSizing;
  /** Younger workloads are left alone. */
  readonly minimumHistorySeconds: number;
  /** Smaller changes are not worth a rollout, share of today's request. */
  readonly minimumChange: number;
}

export interface ResourceSizing {
  /** Share of time that use may exceed the request. */
  readonly riskBudget: number;
  /** Added on top of the observed peak; memory only, since a peak of CPU is throttled and a peak of memory is killed. */
  readonly peakMargin: number;
  readonly min: number;
  /** undefined: no ceiling. */
  readonly max: number | undefined;
  readonly limit: LimitRule;
}

export type LimitRule =
  /** Today's limit stays, raised to the request where it would be below it; none stays none. */
  | { readonly mode: 'Keep' }
  | { readonly mode: 'None' }
  | { readonly mode: 'EqualToRequest' }
  /** Request times the ratio, which is at least 1. */
  | { readonly mode: 'Ratio'; readonly ratio: number };
