import { formatDelta } from '../../../contract/format.ts';

export function Delta({ before, after }: { before: number; after: number }) {
  const delta = formatDelta(before, after);
  return <span class={`delta ${delta.direction}`}>{delta.text}</span>;
}
