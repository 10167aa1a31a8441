import { known, type Result } from '../../../common/result.ts';
import { show } from '../sizing/amounts.ts';
import type { TraceStep } from '../trace.ts';
import { type PeakOfSum, type PeakOfSumInput, type PeakRefusal, peakOfSum } from './peak-of-sum.ts';

export interface NodeRoomInput extends PeakOfSumInput {
  /** What the node can give to pods, in the parts' unit. */
  readonly allocatable: number;
  /** Kept free besides: system daemons that are no part, and a reserve. */
  readonly reserved: number;
}

export interface NodeRoom {
  /** Capacity that online work will not need within the horizon but for the budget, 0 at least: the offline pool's most. */
  readonly room: number;
  readonly peak: PeakOfSum;
}

/** Room beside the online work. To see whether a workload fits, ask with it among the parts: its peaks may fall between the others'. */
export function nodeRoom(input: NodeRoomInput): { result: Result<NodeRoom, PeakRefusal>; trace: TraceStep[] } {
  const { result, trace } = peakOfSum(input);
  if (!result.ok) return { result, trace };
  const { resource, allocatable, reserved } = input;
  const room = Math.max(0, allocatable - reserved - result.value.amount);
  const step: TraceStep = {
    stage: 'room',
    short: `${show(resource, room)} free`,
    text: `${show(resource, allocatable)} allocatable − ${show(resource, reserved)} kept free − ${show(resource, result.value.amount)} for online work: ${show(resource, room)}.`,
    amount: room,
  };
  return { result: known({ room, peak: result.value }), trace: [...trace, step] };
}
