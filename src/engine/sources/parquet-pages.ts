/** @file The headers of a column's pages, checked before they are believed: from a damaged one hyparquet reads on without end, or makes room for two thousand million values. */
import type { ColumnChunk, ColumnMetaData } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';

/** Where the pages of the column lie in the file. */
export function pagesOf({
  dictionary_page_offset: dictionary,
  data_page_offset: data,
  ...column
}: ColumnMetaData): {
  readonly from: number;
  readonly bytes: number;
} {
  // Some writers say 0 where there is no dictionary.
  const from = dictionary === undefined || Number(dictionary) === 0 ? data : dictionary;
  return { from: Number(from), bytes: Number(column.total_compressed_size) };
}

/** Throws an error with the reason where sizes or counts of the pages cannot be. `bytes`: all pages of the column. */
export function checkPages(bytes: ArrayBuffer, { meta_data: column }: ColumnChunk): void {
  const most = { values: Number(column?.num_values), bytes: Number(column?.total_uncompressed_size) };
  const reader = { view: new DataView(bytes), offset: 0 };
  let values = 0;
  while (reader.offset < bytes.byteLength - 1) {
    const header = parquetHeader(reader);
    const size = within(header.compressed_page_size, bytes.byteLength - reader.offset, 'size of a page');
    within(header.uncompressed_page_size, most.bytes, 'size of an unpacked page');
    const data = header.data_page_header ?? header.data_page_header_v2;
    if (data !== undefined) values += within(data.num_values, most.values - values, 'number of values');
    const second = header.data_page_header_v2;
    if (second !== undefined) {
      within(second.num_rows, most.values, 'number of rows');
      within(second.num_nulls, second.num_values, 'number of missing values');
      const levels = within(second.repetition_levels_byte_length, size, 'size of the repetition levels');
      within(second.definition_levels_byte_length, size - levels, 'size of the definition levels');
    }
    if (header.dictionary_page_header !== undefined)
      within(header.dictionary_page_header.num_values, most.bytes, 'number of values');
    reader.offset += size;
  }
}

/** A count or size as it stands in a header: it may be missing there, or negative. */
function within(found: unknown, most: number, what: string): number {
  if (typeof found === 'number' && Number.isInteger(found) && found >= 0 && found <= most) return found;
  throw new Error(`the ${what} is ${String(found)}, where at most ${most} can be`);
}
