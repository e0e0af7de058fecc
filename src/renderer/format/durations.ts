/** @file Durations and moments as text. */
import { byLanguage } from './locale.ts';

/** 4.2 → '4 s'; 75 → '1 min 15 s'; 3700 → '1 h 2 min'. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) {
    const rest = whole % 60;
    return `${Math.floor(whole / 60)} min${rest === 0 ? '' : ` ${rest} s`}`;
  }
  const minutes = Math.floor((whole % 3600) / 60);
  return `${Math.floor(whole / 3600)} h${minutes === 0 ? '' : ` ${minutes} min`}`;
}

/** As measured: 0.0421 → '0.042 s'; 4.25 → '4.3 s'; 75 → '1 min 15 s'. */
export function formatSeconds(seconds: number): string {
  if (seconds >= 60) return formatDuration(seconds);
  return seconds >= 10 ? `${Math.round(seconds)} s` : `${Number(seconds.toPrecision(2))} s`;
}

/** A duration that is only guessed, deliberately coarse: 'a few seconds', 'about 40 s', 'about 14 min'. */
export function formatEstimate(seconds: number): string {
  if (seconds < 8) return 'a few seconds';
  if (seconds < 55) return `about ${Math.ceil(seconds / 10) * 10} s`;
  if (seconds < 3600) return `about ${Math.max(1, Math.round(seconds / 60))} min`;
  return `about ${formatDuration(Math.round(seconds / 600) * 600)}`;
}

/** 'about 2 min left': too coarse to jitter. */
export function formatTimeLeft(seconds: number): string {
  return `${formatEstimate(seconds)} left`;
}

const clock = dates({ hour: '2-digit', minute: '2-digit' });
const dayAndClock = dates({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const fullDate = dates({ day: 'numeric', month: 'short', year: 'numeric' });

function dates(options: Intl.DateTimeFormatOptions): () => Intl.DateTimeFormat {
  return byLanguage((locale) => new Intl.DateTimeFormat(locale, options));
}

/** An ISO moment relative to `now`: 'just now', '12 min ago', 'today 14:05', '3 Mar 09:10', '3 Mar 2024'. */
export function formatMoment(iso: string, now: Date): string {
  const then = new Date(iso);
  const seconds = (now.getTime() - then.getTime()) / 1000;
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (then.toDateString() === now.toDateString()) return `today ${clock().format(then)}`;
  return then.getFullYear() === now.getFullYear() ? dayAndClock().format(then) : fullDate().format(then);
}
