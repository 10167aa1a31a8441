/** One step on the way to a number, in the order taken; a page and `neap explain` print them as they are. */
export interface TraceStep {
  /** Stable id of the rule: `history`, `usage`, `quantile`, `margin`, `floor`, `bounds`, `rounding`, … */
  readonly stage: string;
  /** A sentence for a person, with the values and their units. */
  readonly text: string;
  /** The amount after this step (millicores or bytes); undefined where the step only tells. */
  readonly amount?: number;
}
