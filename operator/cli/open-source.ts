import { DAY_SECONDS } from '../../common/units.ts';
import type { HistorySource } from '../../predictor/source/history-source.ts';
import type { SourceChoice } from './options/source-options.ts';

export interface OpenSourceOptions {
  /** What a generated cluster must be able to tell. */
  readonly historySeconds: number;
  readonly stepSeconds: number;
  readonly nowUnixSeconds: number;
  /** Given where the source is watched for a while: a generated cluster then goes on with this clock. */
  readonly clock?: () => number;
}

/** A generated cluster's schedules and autoscalers act for as long; a page is hardly left open for longer. */
const GOES_ON_SECONDS = 30 * DAY_SECONDS;

/** Opens the source of choice; each kind is loaded only when it is wanted, since a start should not wait for the others. */
export async function openSource(choice: SourceChoice, options: OpenSourceOptions): Promise<HistorySource> {
  switch (choice.kind) {
    case 'prometheus': {
      const { createPrometheusSource } = await import('../../predictor/source/prometheus/prometheus-source.ts');
      return createPrometheusSource(choice.connection);
    }
    case 'generated': {
      const [{ generateCluster }, { createGeneratedSource }] = await Promise.all([
        import('../../predictor/source/generated/cluster.ts'),
        import('../../predictor/source/generated/generated-source.ts'),
      ]);
      const { historySeconds, stepSeconds, nowUnixSeconds, clock } = options;
      const days = Math.ceil(historySeconds / DAY_SECONDS);
      const goesOnSeconds = clock === undefined ? 0 : GOES_ON_SECONDS;
      return createGeneratedSource(
        generateCluster({ seed: choice.seed, days, stepSeconds, endUnixSeconds: nowUnixSeconds, goesOnSeconds }),
        clock,
      );
    }
    case 'files': {
      const { createFileSource } = await import('../../predictor/source/file/file-source.ts');
      return createFileSource({ paths: choice.files });
    }
  }
}
