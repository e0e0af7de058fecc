/** @file What a command prints: one JSON document or readable text on standard output; progress on standard error. */
import type { RunProgress } from '../contract/runs-service.ts';

export interface Output {
  /** The command's answer: `document` with --json, `text` without. */
  answer(document: unknown, text: string): void;
  progress(progress: RunProgress): void;
  /** A line for the person, on standard error; silent with --quiet. */
  note(line: string): void;
}

export interface Streams {
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean };
}

/** Lines without a terminal come at most this often. */
const LINE_INTERVAL_MS = 5000;

export function createOutput(streams: Streams, json: boolean, now: () => number = Date.now): Output {
  let lastLineAt = -Infinity;
  return {
    answer(document, text) {
      streams.out.write(json ? `${JSON.stringify(document, null, 2)}\n` : `${text}\n`);
    },
    note: (line) => void streams.err.write(`${line}\n`),
    progress(progress) {
      const line = describeProgress(progress);
      if (streams.err.isTTY === true) {
        streams.err.write(`\r\u001b[K${line}${progress.fraction === 1 ? '\n' : ''}`);
        return;
      }
      if (now() - lastLineAt < LINE_INTERVAL_MS) return;
      lastLineAt = now();
      streams.err.write(`${line}\n`);
    },
  };
}

function describeProgress(progress: RunProgress): string {
  const share = progress.fraction === null ? '' : ` ${Math.floor(progress.fraction * 100)} %`;
  const left = progress.secondsLeft === null ? '' : `, ${formatSeconds(progress.secondsLeft)} left`;
  const figures = Object.entries(progress.figures).map(([name, value]) => `${name} ${formatFigure(value)}`);
  return [`${progress.stage}${share}${left}`, ...figures].join('  ');
}

export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

export function formatFigure(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** Columns padded to their widest cell; the first row is the head. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const [head, ...body] = rows;
  if (head === undefined) return '';
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...body.map(line)].join('\n');
}
