/** @file What a value of JSON or Parquet says in a cell. */

/** Between the items of a list in one cell, as exports write it. */
export const LIST_SEPARATOR = ' | ';
/** What is longer is cut here, with '…' behind it. */
const LONGEST_CELL = 10_000;

/** '' says nothing. */
export function cellText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return cutCell(value);
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? '' : objectText(value);
    default:
      return '';
  }
}

function objectText(value: object): string {
  if (value instanceof Uint8Array) return '';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    return cutCell(value.map(cellText).join(LIST_SEPARATOR));
  const plain = (_: string, item: unknown): unknown => (typeof item === 'bigint' ? Number(item) : item);
  return cutCell(JSON.stringify(value, plain));
}

/** Trimmed, in one form of Unicode, not longer than a cell may be. */
export function cutCell(text: string): string {
  const whole = text.trim();
  const plain = (whole.length > LONGEST_CELL ? `${whole.slice(0, LONGEST_CELL)}…` : whole).normalize('NFC');
  // Half of a pair, of a text that was cut, is no character.
  return plain.isWellFormed() ? plain : plain.toWellFormed();
}

/** Cells of a row of values, nested ones under 'outer.inner'; the first of two columns with one name counts. */
export function cellsOf(values: Readonly<Record<string, unknown>>): Map<string, string> {
  const cells = new Map<string, string>();
  const add = (name: string, value: unknown): void => {
    const text = cellText(value);
    const column = cutCell(name);
    if (text !== '' && column !== '' && !cells.has(column)) cells.set(column, text);
  };
  for (const [name, value] of Object.entries(values)) {
    if (isPlainObject(value))
      for (const [inner, item] of Object.entries(value)) add(`${name}.${inner}`, item);
    else add(name, value);
  }
  return cells;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array)
  );
}
