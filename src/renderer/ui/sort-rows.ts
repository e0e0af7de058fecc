/** @file The order of a table's rows. */

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** Shown on hover over the title. */
  readonly explanation?: string;
  readonly isNumeric?: boolean;
  /** What rows are ordered by; null: unknown. */
  readonly value: (row: Row) => number | string | null;
  readonly text: (row: Row) => string;
}

export interface SortState {
  readonly columnId: string;
  readonly descending: boolean;
}

/** As they come where nothing is chosen; equal rows keep their order, unknown values come last either way. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sorting: SortState | null,
): readonly Row[] {
  const column = columns.find((candidate) => candidate.id === sorting?.columnId);
  if (column === undefined || sorting === null) return rows;
  const sign = sorting.descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [first, second] = [column.value(a), column.value(b)];
    if (first === null || second === null) return Number(first === null) - Number(second === null);
    if (typeof first === 'number' && typeof second === 'number') return sign * (first - second);
    return sign * String(first).localeCompare(String(second));
  });
}
