/** One step on the way to a number, in the order taken; a page and `neap explain` print them as they are. */
export interface TraceStep {
  /** Stable id of the rule: `history`, `usage`, `quantile`, `margin`, `floor`, `bounds`, `rounding`, … */
  readonly stage: string;
  /** A few words for the one-line form, such as `P99 412m` or `+8 % margin`; undefined where it is not worth a place there. */
  readonly short?: string;
  /** A sentence for a person, with the values and their units. */
  readonly text: string;
  /** The amount after this step (millicores or bytes); undefined where the step only tells. */
  readonly amount?: number;
}

/** `P99 of time 412m → +8 % margin → 445m`. */
export function oneLine(trace: readonly TraceStep[]): string {
  return trace.flatMap((step) => (step.short === undefined ? [] : [step.short])).join(' → ');
}
