import Table from 'cli-table3';

export interface TextColumn {
  readonly title: string;
  /** Cells and title are never made narrower than this. */
  readonly minWidth: number;
  /** A column that may be broken into several lines to make room. */
  readonly wraps: boolean;
  /** Makes a cell fit; undefined where the column's cells can't be shortened. */
  readonly shorten?: ((text: string, width: number) => string) | undefined;
  /** The column goes where there is no room for all; the highest number goes first, 0 never goes. */
  readonly dropOrder: number;
}

export type Paint = (row: number, column: number, text: string) => string;

export interface TextTable {
  readonly columns: readonly TextColumn[];
  readonly rows: readonly (readonly string[])[];
  /** Characters of a line; Infinity where nothing has to fit. */
  readonly width: number;
  /** Colours a cell, after it was made to fit; the row is −1 for the titles. */
  readonly paint: Paint;
}

const GAP = 2;

/** Plain columns with two blanks between them. Makes room by shortening names, then wrapping, then leaving columns out. */
export function textTable({ columns, rows, width, paint }: TextTable): string {
  const natural = columns.map((column, i) => Math.max(column.title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const kept = chooseColumns(columns, natural, width);
  const widths = fitWidths(
    kept.map((i) => columns[i] as TextColumn),
    kept.map((i) => natural[i] as number),
    width,
  );
  const table = new Table({
    head: kept.map((i) => paint(-1, i, (columns[i] as TextColumn).title)),
    chars: Object.fromEntries(
      [
        'top',
        'top-mid',
        'top-left',
        'top-right',
        'bottom',
        'bottom-mid',
        'bottom-left',
        'bottom-right',
        'left',
        'left-mid',
        'mid',
        'mid-mid',
        'right',
        'right-mid',
        'middle',
      ].map((name) => [name, '']),
    ),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP, compact: true },
    colWidths: widths.map((w) => w + GAP),
    wordWrap: true,
  });
  for (const [r, row] of rows.entries()) {
    table.push(
      kept.map((i, k) => {
        const column = columns[i] as TextColumn;
        const text = row[i] ?? '';
        return paint(r, i, column.shorten?.(text, widths[k] as number) ?? text);
      }),
    );
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** The columns that stay, by index: as many as fit when each is as narrow as it may be. */
function chooseColumns(columns: readonly TextColumn[], natural: readonly number[], width: number): number[] {
  const kept = columns.map((_, i) => i);
  const least = (): number => kept.reduce((sum, i) => sum + leastWidth(columns[i] as TextColumn, natural[i] as number) + GAP, -GAP);
  while (least() > width) {
    const victim = kept.reduce<number | undefined>(
      (worst, i) => ((columns[i]?.dropOrder ?? 0) > (columns[worst ?? -1]?.dropOrder ?? 0) ? i : worst),
      undefined,
    );
    if (victim === undefined) break;
    kept.splice(kept.indexOf(victim), 1);
  }
  return kept;
}

function leastWidth(column: TextColumn, natural: number): number {
  return column.wraps || column.shorten ? Math.min(natural, column.minWidth) : natural;
}

/** What is too wide is taken from the widest column that can give, character by character. */
function fitWidths(columns: readonly TextColumn[], natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  const total = (): number => widths.reduce((sum, w) => sum + w + GAP, -GAP);
  while (total() > width) {
    const widest = columns.reduce<number | undefined>((best, column, i) => {
      const canGive = (widths[i] as number) > leastWidth(column, natural[i] as number);
      return canGive && (best === undefined || (widths[i] as number) > (widths[best] as number)) ? i : best;
    }, undefined);
    if (widest === undefined) break;
    widths[widest] = (widths[widest] as number) - 1;
  }
  return widths;
}
