/** How far some work is: `done` of `total` units, which may still grow. */
export interface ProgressUpdate {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

export interface ProgressReporter {
  update(progress: ProgressUpdate): void;
  /** Takes the live line away, so that other text can follow. */
  clear(): void;
}

export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface ProgressOptions {
  readonly stream: ProgressStream;
  /** Nothing is shown. */
  readonly quiet: boolean;
  /** A clock in milliseconds that never goes back. */
  readonly nowMillis: () => number;
}

/** A live line is drawn no more often than this, for terminals at the far end of a slow line. */
const REDRAW_MILLIS = 80;
/** Where nobody watches, a long stage says this often that it goes on. */
const SPARSE_MILLIS = 15_000;
/** Before this much of a stage is done, what is left can't be told. */
const ETA_FROM_SHARE = 0.05;

/** One live line on a terminal; elsewhere a line when a stage begins and, in a long one, now and then. */
export function createProgress({ stream, quiet, nowMillis }: ProgressOptions): ProgressReporter {
  const isLive = stream.isTTY === true;
  let stage: string | undefined;
  let stageBeganMillis = 0;
  let drawnMillis = Number.NEGATIVE_INFINITY;
  let isDrawn = false;

  function update(progress: ProgressUpdate): void {
    if (quiet) return;
    const now = nowMillis();
    const isNewStage = progress.stage !== stage;
    if (isNewStage) {
      stage = progress.stage;
      stageBeganMillis = now;
    }
    const isDone = progress.done >= progress.total;
    if (!isNewStage && !(isLive && isDone) && now - drawnMillis < (isLive ? REDRAW_MILLIS : SPARSE_MILLIS)) return;
    drawnMillis = now;
    const line = progressLine(progress, now - stageBeganMillis);
    if (!isLive) {
      stream.write(`${line}\n`);
      return;
    }
    stream.write(`\r\u001b[2K${line.slice(0, Math.max(1, (stream.columns ?? 80) - 1))}`);
    isDrawn = true;
  }

  function clear(): void {
    if (isDrawn) stream.write('\r\u001b[2K');
    isDrawn = false;
  }

  return { update, clear };
}

const BAR_CELLS = 24;

function progressLine({ stage, done, total }: ProgressUpdate, elapsedMillis: number): string {
  if (!(total > 0)) return `${stage} …`;
  const share = Math.min(1, Math.max(0, done / total));
  const full = Math.round(share * BAR_CELLS);
  const bar = '█'.repeat(full) + '░'.repeat(BAR_CELLS - full);
  return `${stage} ${bar} ${Math.floor(share * 100)
    .toString()
    .padStart(3)} %${timeLeft(share, elapsedMillis)}`;
}

function timeLeft(share: number, elapsedMillis: number): string {
  if (share < ETA_FROM_SHARE || share >= 1 || elapsedMillis < 1000) return '';
  const seconds = Math.ceil((elapsedMillis / 1000) * (1 / share - 1));
  return seconds < 60 ? `, ${seconds} s left` : `, ${Math.ceil(seconds / 60)} min left`;
}
