import { describe, expect, it } from 'vitest';
import { sortRows, type Column } from './sort-rows.ts';

interface Row {
  readonly id: number;
  readonly name: string;
  readonly score: number | null;
}

const columns: readonly Column<Row>[] = [
  { id: 'name', title: 'Name', value: (row) => row.name, text: (row) => row.name },
  { id: 'score', title: 'Score', value: (row) => row.score, text: (row) => String(row.score) },
];
const rows: readonly Row[] = [
  { id: 1, name: 'b', score: null },
  { id: 2, name: 'a', score: 9 },
  { id: 3, name: 'c', score: 10 },
];
const ids = (columnId: string, descending: boolean) =>
  sortRows(rows, columns, { columnId, descending }).map((row) => row.id);

describe('sortRows', () => {
  it('orders numbers by size and text by letters', () => {
    expect(ids('score', false)).toEqual([2, 3, 1]);
    expect(ids('name', false)).toEqual([2, 1, 3]);
    expect(ids('name', true)).toEqual([3, 1, 2]);
  });

  it('puts the unknown last either way', () => {
    expect(ids('score', true)).toEqual([3, 2, 1]);
    expect(ids('score', false).at(-1)).toBe(1);
  });

  it('keeps the order of arrival until a column is chosen', () => {
    expect(sortRows(rows, columns, null)).toBe(rows);
  });
});
