/** @file What a place in an order says: short beside the scrubber, in full at the pointer. */
import { formatCount, formatFigure } from '../../format/numbers.ts';

export type OrderValue = string | number | null;

const months = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const moments = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** 'coat', '0.98', '3 May', 'train/'. */
export function shortValue(by: string, value: OrderValue): string {
  if (value === null) return '–';
  if (typeof value === 'number') return formatFigure(value);
  if (by === 'import') return months.format(new Date(value));
  return by === 'path' ? folderOf(value) : value;
}

/** 'coat, image 120 of 3,006'. */
export function placeInOrder(
  by: string,
  value: OrderValue | undefined,
  index: number,
  count: number,
): string {
  const place = `image ${formatCount(index + 1)} of ${formatCount(count)}`;
  if (value === undefined) return place;
  if (value === null) return `no value, ${place}`;
  if (typeof value === 'number') return `${formatFigure(value)}, ${place}`;
  return `${by === 'import' ? moments.format(new Date(value)) : value}, ${place}`;
}

/** The folder that a path lies in; of what lies in none, its first letter. */
function folderOf(path: string): string {
  const parts = path.split('/');
  return parts.length > 1 ? parts.at(-2)! : path.slice(0, 1);
}
