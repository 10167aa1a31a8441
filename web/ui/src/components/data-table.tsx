import type { ComponentChildren } from 'preact';
import { type Direction, defaultDirection, type SortColumn } from '../../../contract/query.ts';
import { Icon } from './icon.tsx';

export interface Column<T> {
  readonly id: string;
  readonly title: string;
  /** Explains the column on hover. */
  readonly hint?: string;
  /** undefined: not sortable. */
  readonly sort?: SortColumn;
  readonly class?: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Marks the cell that names the row. */
  readonly rowHeader?: boolean;
}

export interface Sorting {
  readonly column: SortColumn;
  readonly direction: Direction;
  readonly onSort: (column: SortColumn, direction: Direction) => void;
}

interface DataTableProps<T> {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly sorting: Sorting;
  /** Cells of the sum row, by column id. */
  readonly totals: Readonly<Record<string, ComponentChildren>>;
  readonly busy: boolean;
}

/** The page's one kind of large table: sticky head, sort buttons, a row of sums at the top where one looks first. */
export function DataTable<T>({ caption, columns, rows, keyOf, sorting, totals, busy }: DataTableProps<T>) {
  return (
    <table class={`sticky rows ${busy ? 'busy' : ''}`} aria-busy={busy}>
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <HeadCell key={column.id} column={column} sorting={sorting} />
          ))}
        </tr>
      </thead>
      <tbody>
        <tr class="table-total">
          {columns.map((column, i) =>
            i === 0 ? (
              <th key={column.id} scope="row" class={column.class}>
                {totals[column.id]}
              </th>
            ) : (
              <td key={column.id} class={column.class}>
                {totals[column.id]}
              </td>
            ),
          )}
        </tr>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column) =>
              column.rowHeader ? (
                <th key={column.id} scope="row" class={column.class}>
                  {column.cell(row)}
                </th>
              ) : (
                <td key={column.id} class={column.class}>
                  {column.cell(row)}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function HeadCell<T>({ column, sorting }: { column: Column<T>; sorting: Sorting }) {
  const { sort } = column;
  if (sort === undefined) {
    return (
      <th scope="col" class={column.class} title={column.hint}>
        {column.title}
      </th>
    );
  }
  const active = sorting.column === sort;
  const first = defaultDirection(sort);
  const direction = active ? sorting.direction : first;
  const onClick = () => sorting.onSort(sort, active ? opposite(sorting.direction) : first);
  const state = active ? { 'aria-sort': sorting.direction === 'asc' ? ('ascending' as const) : ('descending' as const) } : {};
  return (
    <th scope="col" class={column.class} {...state}>
      <button type="button" class="sort" title={column.hint} onClick={onClick}>
        {column.title}
        <Icon name={direction === 'asc' ? 'up' : 'down'} />
      </button>
    </th>
  );
}

function opposite(direction: Direction): Direction {
  return direction === 'asc' ? 'desc' : 'asc';
}
