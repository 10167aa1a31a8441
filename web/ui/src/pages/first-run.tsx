import { formatCount } from '../../../contract/format.ts';
import { Icon } from '../components/icon.tsx';
import type { Live } from '../state/live-state.ts';

/** Until there is a first analysis: how far it is, or why there will be none. */
export function FirstRun({ live: { state, connected } }: { live: Live }) {
  if (state === undefined && connected) return null;
  if (!connected) {
    return (
      <section class="panel">
        <div class="message" role="alert">
          <Icon name="warning" />
          <h1>Neap does not answer</h1>
          <p>Check that `neap serve` still runs, and the network in between. The page reconnects by itself.</p>
        </div>
      </section>
    );
  }
  const error = state?.error ?? null;
  const progress = state?.progress ?? null;
  return (
    <section class="panel">
      {error !== null && progress === null ? (
        <div class="message" role="alert">
          <Icon name="warning" />
          <h1>The history can not be read</h1>
          <p>{error.message}</p>
          {error.remedy !== null && <p>{error.remedy}</p>}
          <p>Neap tries again every {Math.max(1, Math.round((state?.refreshSeconds ?? 60) / 60))} min; this page follows by itself.</p>
        </div>
      ) : (
        <div class="message">
          <h1>The first analysis runs</h1>
          <progress
            class="progress"
            aria-label="Progress of the first analysis"
            {...(progress === null || progress.total === 0 ? {} : { value: progress.done, max: progress.total })}
          />
          <p role="status">
            {progress === null ? 'Starting' : `${progress.stage}: ${formatCount(progress.done)} of ${formatCount(progress.total)}`}
          </p>
        </div>
      )}
    </section>
  );
}
