/** @file Numbers as a person reads them. */
const grouped = new Intl.NumberFormat('en-GB');
const percent = new Intl.NumberFormat('en-GB', { style: 'percent', maximumFractionDigits: 1 });
const MINUS = '\u2212';

/** 1234 → '1,234'. */
export function formatCount(count: number): string {
  return grouped.format(count);
}

/** (1, 'image') → '1 image'; (1234, 'image') → '1,234 images'. `plural` for the irregular. */
export function formatQuantity(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** 0.1234 → '12.3%'. */
export function formatPercent(share: number): string {
  return percent.format(share);
}

/** A signed score with three significant digits and a true minus: '+0.0312', '−1.20'. Zero has no sign. */
export function formatSigned(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  const digits = size >= 1e5 || size < 1e-4 ? size.toExponential(1) : size.toPrecision(3);
  return (value < 0 ? MINUS : '+') + digits.replace('-', MINUS);
}

/** A figure of unknown kind, short: integers grouped, the rest with three significant digits. */
export function formatFigure(value: number): string {
  if (Number.isInteger(value)) return formatCount(value);
  return Math.abs(value) >= 1000 ? formatCount(Math.round(value)) : value.toPrecision(3).replace('-', MINUS);
}
