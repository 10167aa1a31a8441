import 'chartjs-adapter-date-fns';
import {
  type ActiveElement,
  Chart,
  type ChartDataset,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  type Plugin,
  PointElement,
  TimeScale,
  Tooltip,
} from 'chart.js';
import annotation from 'chartjs-plugin-annotation';
import type { ResourceDto, SeriesColumnsDto, SeriesDto } from '../../../contract/api.ts';
import { formatAmount } from '../../../contract/format.ts';
import { formatDayAndTime } from '../time.ts';
import { LINES, type LineId } from './lines.ts';
import type { Palette } from './palette.ts';
import { scaleOf } from './usage-figures.ts';

export interface UsageChart {
  readonly canvas: HTMLCanvasElement;
  readonly resource: ResourceDto;
  readonly series: SeriesDto;
  readonly columns: SeriesColumnsDto;
  readonly palette: Palette;
}

type LineChart = Chart<'line'>;

/** All usage charts of the page: a hover over one shows the same time in the others. */
const onPage = new Set<LineChart>();

const sharedHover: Plugin<'line'> = {
  id: 'sharedHover',
  afterEvent: (chart, { event, inChartArea }) => {
    if (event.type !== 'mousemove' && event.type !== 'mouseout') return;
    const index = inChartArea && event.type === 'mousemove' ? chart.getActiveElements()[0]?.index : undefined;
    for (const other of onPage) if (other !== chart) showAt(other, index);
  },
  afterDraw: (chart) => {
    const element = chart.getActiveElements()[0]?.element;
    if (element === undefined) return;
    const { ctx, chartArea } = chart;
    ctx.save();
    ctx.strokeStyle = String(chart.options.color);
    ctx.globalAlpha = 0.4;
    ctx.beginPath();
    ctx.moveTo(element.x, chartArea.top);
    ctx.lineTo(element.x, chartArea.bottom);
    ctx.stroke();
    ctx.restore();
  },
};

Chart.register(LineController, LineElement, PointElement, LinearScale, TimeScale, Filler, Tooltip, annotation, sharedHover);

export interface DrawnUsage {
  /** Points at one time in all charts of the page; undefined points nowhere. */
  pointAt(index: number | undefined): void;
  remove(): void;
}

/** Draws without any movement: the data is the only thing that changes. */
export function drawUsage(spec: UsageChart): DrawnUsage {
  const { canvas, resource, series, columns, palette } = spec;
  const scale = scaleOf(resource, columns);
  const lines: LineId[] = scale.limitInSight ? ['mean', 'hottest', 'request', 'limit'] : ['mean', 'hottest', 'request'];
  const chart: LineChart = new Chart(canvas, {
    type: 'line',
    data: { datasets: lines.map((id) => datasetOf(id, series, columns[id as keyof SeriesColumnsDto], palette)) },
    options: {
      animation: false,
      parsing: false,
      normalized: true,
      maintainAspectRatio: false,
      color: palette.inkMuted,
      font: { family: palette.font, size: 11 },
      interaction: { mode: 'index', intersect: false },
      elements: { point: { radius: 0, hoverRadius: 3, hitRadius: 0 } },
      scales: {
        x: {
          type: 'time',
          min: series.from * 1000,
          max: (series.from + columns.hottest.length * series.stepSeconds) * 1000,
          time: { displayFormats: { hour: 'HH:mm', day: 'd MMM' }, minUnit: 'hour' },
          border: { color: palette.line },
          grid: { display: false },
          ticks: { color: palette.inkMuted, font: { family: palette.font, size: 11 }, maxRotation: 0, autoSkipPadding: 24 },
        },
        y: {
          min: 0,
          max: scale.max,
          border: { display: false },
          grid: { color: palette.line },
          ticks: {
            color: palette.inkMuted,
            font: { family: palette.font, size: 11 },
            stepSize: scale.step,
            callback: (value) => formatAmount(resource.resource, Number(value)),
          },
        },
      },
      plugins: {
        tooltip: {
          backgroundColor: palette.surface,
          borderColor: palette.line,
          borderWidth: 1,
          titleColor: palette.ink,
          bodyColor: palette.ink,
          titleFont: { family: palette.font, size: 12 },
          bodyFont: { family: palette.font, size: 12 },
          padding: 10,
          boxWidth: 8,
          boxHeight: 8,
          caretSize: 0,
          callbacks: {
            title: (items) => (items[0] === undefined ? '' : formatDayAndTime(Number(items[0].parsed.x) / 1000)),
            label: (item) => ` ${item.dataset.label}: ${formatAmount(resource.resource, Number(item.parsed.y))}`,
          },
        },
        annotation: { annotations: recommendationLine(resource, palette) },
      },
    },
  });
  onPage.add(chart);
  return {
    pointAt: (index) => {
      for (const each of onPage) showAt(each, index);
    },
    remove: () => {
      onPage.delete(chart);
      chart.destroy();
    },
  };
}

function datasetOf(
  id: LineId,
  { from, stepSeconds }: SeriesDto,
  values: readonly (number | null)[],
  palette: Palette,
): ChartDataset<'line'> {
  const line = LINES[id];
  const color = palette[line.color];
  return {
    label: line.title,
    data: values.map((value, i) => ({ x: (from + i * stepSeconds) * 1000, y: value ?? Number.NaN })),
    borderColor: color,
    backgroundColor: id === 'hottest' ? palette.usedSoft : color,
    borderWidth: line.width,
    borderDash: [...line.dash],
    // The band of usage lies between the mean and the hottest pod.
    fill: id === 'hottest' ? '-1' : false,
    stepped: id === 'request' || id === 'limit',
    spanGaps: false,
  };
}

function recommendationLine({ recommendation, resource }: ResourceDto, palette: Palette) {
  if (!recommendation.ok) return {};
  const { width, dash, title } = LINES.recommended;
  return {
    recommended: {
      type: 'line' as const,
      yMin: recommendation.request,
      yMax: recommendation.request,
      borderColor: palette.recommended,
      borderWidth: width,
      borderDash: [...dash],
      label: {
        display: true,
        content: `${title} ${formatAmount(resource, recommendation.request)}`,
        position: 'start' as const,
        yAdjust: -11,
        padding: 2,
        backgroundColor: 'transparent',
        color: palette.recommended,
        textStrokeColor: palette.surface,
        textStrokeWidth: 4,
        font: { family: palette.font, size: 11, weight: 'bold' as const },
      },
    },
  };
}

function showAt(chart: LineChart, index: number | undefined): void {
  const elements: Omit<ActiveElement, 'element'>[] =
    index === undefined ? [] : chart.data.datasets.map((_, datasetIndex) => ({ datasetIndex, index })).filter((e) => known(chart, e));
  chart.setActiveElements(elements);
  chart.tooltip?.setActiveElements(elements, { x: 0, y: 0 });
  chart.render();
}

function known(chart: LineChart, { datasetIndex, index }: Omit<ActiveElement, 'element'>): boolean {
  const point = chart.data.datasets[datasetIndex]?.data[index];
  return typeof point === 'object' && point !== null && Number.isFinite(point.y);
}
