import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ResourceDto, SeriesColumnsDto, SeriesDto } from '../../../contract/api.ts';
import { formatAmount } from '../../../contract/format.ts';
import { Icon } from '../components/icon.tsx';
import { ScrollBox } from '../components/scroll-box.tsx';
import { useTheme } from '../state/theme.ts';
import { formatDayAndTime } from '../time.ts';
import type { DrawnUsage } from './draw-usage.ts';
import { LINES, type LineId } from './lines.ts';
import { readPalette } from './palette.ts';
import { lastKnown, scaleOf, seriesCsv, takeawayOf, valuesAt } from './usage-figures.ts';

interface UsagePanelProps {
  readonly title: string;
  /** Stem of the CSV's file name. */
  readonly fileName: string;
  readonly resource: ResourceDto;
  readonly series: SeriesDto;
  readonly columns: SeriesColumnsDto;
}

/** Usage over time against request, limit and recommendation: as a chart, as a table, as CSV. */
export function UsagePanel({ title, fileName, resource, series, columns }: UsagePanelProps) {
  const [asTable, setAsTable] = useState(false);
  const takeaway = useMemo(() => takeawayOf(resource, series, columns), [resource, series, columns]);
  const unit = resource.resource === 'cpu' ? 'millicores' : 'bytes';
  return (
    <figure>
      <div class="chart-head">
        <h3>Usage of one pod</h3>
        <div class="chart-tools no-print">
          <button type="button" class="button quiet" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            <Icon name={asTable ? 'chart' : 'table'} />
            {asTable ? 'View as chart' : 'View as table'}
          </button>
          <button type="button" class="button quiet" onClick={() => download(`${fileName}.csv`, seriesCsv(unit, series, columns))}>
            <Icon name="download" />
            CSV
          </button>
        </div>
      </div>
      <p class="chart-takeaway">{takeaway}</p>
      {asTable ? (
        <SeriesTable title={title} resource={resource} series={series} columns={columns} />
      ) : (
        <>
          <Canvas label={`Chart of ${title}. ${takeaway}`} resource={resource} series={series} columns={columns} />
          <Legend resource={resource} columns={columns} />
        </>
      )}
    </figure>
  );
}

interface DataProps {
  readonly resource: ResourceDto;
  readonly series: SeriesDto;
  readonly columns: SeriesColumnsDto;
}

function Canvas({ label, resource, series, columns }: DataProps & { label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drawn, setDrawn] = useState<DrawnUsage>();
  const { dark } = useTheme();
  // `dark` is among the reasons to draw anew: it changes what readPalette reads.
  useEffect(() => {
    let gone = false;
    let current: DrawnUsage | undefined;
    // Chart.js is the largest part of the page and only needed here.
    void import('./draw-usage.ts').then(({ drawUsage }) => {
      if (gone || canvas.current === null) return;
      current = drawUsage({ canvas: canvas.current, resource, series, columns, palette: readPalette() });
      setDrawn(current);
    });
    return () => {
      gone = true;
      current?.remove();
    };
  }, [resource, series, columns, dark]);
  return (
    <>
      <div class="chart-canvas" role="img" aria-label={label} data-ready={drawn !== undefined}>
        <canvas ref={canvas} />
      </div>
      <Crosshair resource={resource} series={series} columns={columns} drawn={drawn} />
    </>
  );
}

/** The chart's crosshair for the keyboard, and its values for those who can't see it; shows itself when it has the focus. */
function Crosshair({ resource, series, columns, drawn }: DataProps & { drawn: DrawnUsage | undefined }) {
  const last = columns.hottest.length - 1;
  const [index, setIndex] = useState(last);
  const at = Math.min(index, last);
  return (
    <input
      type="range"
      class="crosshair no-print"
      min={0}
      max={last}
      value={at}
      aria-label="Time in the chart"
      aria-valuetext={valuesAt(resource, series, columns, at)}
      onFocus={() => drawn?.pointAt(at)}
      onBlur={() => drawn?.pointAt(undefined)}
      onInput={(event) => {
        const next = Number(event.currentTarget.value);
        setIndex(next);
        drawn?.pointAt(next);
      }}
    />
  );
}

function Legend({ resource, columns }: Pick<DataProps, 'resource' | 'columns'>) {
  const { limitInSight } = scaleOf(resource, columns);
  const request = lastKnown(columns.request);
  const limit = lastKnown(columns.limit);
  return (
    <figcaption class="legend chart-legend">
      <span>
        <svg viewBox="0 0 24 10" aria-hidden="true">
          <path d="M0 1h24v8H0z" style={{ fill: 'var(--used-soft)' }} />
          <path d="M0 1.5h24" style={{ stroke: 'var(--used)' }} stroke-width={LINES.hottest.width} />
          <path d="M0 9h24" style={{ stroke: 'var(--used)' }} stroke-width={LINES.mean.width} />
        </svg>
        Hottest pod, down to the mean
      </span>
      {request !== null && <Entry line="request" value={formatAmount(resource.resource, request)} />}
      {resource.recommendation.ok && <Entry line="recommended" value={formatAmount(resource.resource, resource.recommendation.request)} />}
      {limit !== null && (
        <Entry line="limit" value={`${formatAmount(resource.resource, limit)}${limitInSight ? '' : ', above the chart'}`} />
      )}
    </figcaption>
  );
}

function Entry({ line, value }: { line: LineId; value?: string }) {
  const { title, color, dash, width } = LINES[line];
  return (
    <span>
      <svg viewBox="0 0 24 10" aria-hidden="true">
        <path d="M0 5h24" style={{ stroke: `var(--${color})` }} stroke-width={width} stroke-dasharray={dash.join(' ')} />
      </svg>
      {title}
      {value !== undefined && ` ${value}`}
    </span>
  );
}

function SeriesTable({ title, resource, series, columns }: DataProps & { title: string }) {
  const cell = (value: number | null | undefined) => (value === null || value === undefined ? '–' : formatAmount(resource.resource, value));
  return (
    <ScrollBox label={`Table of ${title}`}>
      <table class="compact">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col" class="num">
              Hottest pod
            </th>
            <th scope="col" class="num">
              Mean of pods
            </th>
            <th scope="col" class="num">
              Request
            </th>
            <th scope="col" class="num">
              Limit
            </th>
          </tr>
        </thead>
        <tbody>
          {columns.hottest.map((hottest, i) => (
            <tr key={series.from + i * series.stepSeconds}>
              <td class="nowrap">{formatDayAndTime(series.from + i * series.stepSeconds)}</td>
              <td class="num">{cell(hottest)}</td>
              <td class="num">{cell(columns.mean[i])}</td>
              <td class="num">{cell(columns.request[i])}</td>
              <td class="num">{cell(columns.limit[i])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function download(fileName: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}
