/** @file A table of images, whichever file it is in: columns, and rows one after the other. */

/** Cells by column; empty ones are left out. */
export type TableRow = ReadonlyMap<string, string>;

export interface Table {
  readonly columns: readonly string[];
  /** From the beginning, each time. Throws `source-labels-invalid`. */
  readonly rows: (signal?: AbortSignal) => AsyncIterable<TableRow>;
}

/** The first rows, for a look at them. */
export async function firstRows(table: Table, count: number): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  for await (const row of table.rows()) {
    rows.push(row);
    if (rows.length >= count) break;
  }
  return rows;
}
