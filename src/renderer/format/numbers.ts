/** @file Numbers as a person reads them. */
import { translateQuantity } from '../texts/translate.svelte.ts';
import { byLanguage } from './locale.ts';

const grouped = byLanguage((locale) => new Intl.NumberFormat(locale));
const percent = byLanguage(
  (locale) => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }),
);
const MINUS = '\u2212';

/** 1234 → '1,234'. */
export function formatCount(count: number): string {
  return grouped().format(count);
}

/** (1, 'image') → '1 image'; (1234, 'image') → '1,234 images'. `plural` for the irregular. */
export function formatQuantity(count: number, noun: string, plural = `${noun}s`): string {
  return translateQuantity(count, formatCount(count), noun, plural);
}

/** 0.1234 → '12.3%'; what is there but would round to nothing → '<0.1%'. */
export function formatPercent(share: number): string {
  if (share > 0 && share < 0.0005) return '<0.1%';
  return percent().format(share);
}

/** A signed score with three significant digits and a true minus: '+0.0312', '−1.20'. Zero has no sign. */
export function formatSigned(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  const digits = size >= 1e5 || size < 1e-4 ? size.toExponential(1) : size.toPrecision(3);
  return (value < 0 ? MINUS : '+') + digits.replace('-', MINUS);
}

/** Signed, with as many decimals as give `largest` three significant digits: scores of one row line up. */
export function formatOnScale(value: number, largest: number): string {
  const decimals = largest > 0 ? Math.max(0, Math.min(8, 2 - Math.floor(Math.log10(largest)))) : 0;
  const digits = Math.abs(value).toFixed(decimals);
  if (Number(digits) === 0) return digits;
  return (value < 0 ? MINUS : '+') + digits;
}

/** A value as a table has it, without grouping: years stay years. */
export function formatPlain(value: number): string {
  return String(Number(value.toPrecision(5))).replace('-', MINUS);
}

/** A figure of unknown kind, short: integers grouped, the rest with three significant digits. */
export function formatFigure(value: number): string {
  if (Number.isInteger(value)) return formatCount(value);
  return Math.abs(value) >= 1000 ? formatCount(Math.round(value)) : value.toPrecision(3).replace('-', MINUS);
}
