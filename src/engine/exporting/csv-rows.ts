/**
 * @file Rows of a CSV file, safe to be opened in a spreadsheet.
 *
 * [Note: Formulas] A spreadsheet runs a cell that starts like a formula, and folder names of a downloaded set are a
 * stranger's text. In CSV a path that starts so gets './' in front, which names the same file; any other text gets an
 * apostrophe, but only where it could do something (a call, a reference to a program or sheet): the classes '+', '-1' or
 * '=>' stay what they are. JSON lines are always exact.
 */
import { isAbsolute } from 'node:path';
import { stringify } from 'csv-stringify/sync';

/** RFC 4180: CRLF, quotes where needed, null as nothing between two commas. */
export function formatRows(rows: readonly (readonly (string | number | null)[])[]): string {
  // A lone line feed, which is no record's end here, must be quoted too.
  return stringify(rows as (string | number | null)[][], {
    record_delimiter: '\r\n',
    quoted_match: /[\r\n]/,
  });
}

export function disarmPath(path: string): string {
  return /^[=+\-@\t\r]/.test(path) && !isAbsolute(path) ? `./${path}` : path;
}

export function disarmText(text: string): string {
  return /^[=+\-@\t\r].*[(|!]/s.test(text) ? `'${text}` : text;
}
