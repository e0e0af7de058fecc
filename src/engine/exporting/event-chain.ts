/**
 * @file Events as lines of JSON, each with the hash of the one before.
 *
 * [Note: Chain] A line is an object that begins with its `number` and ends with `previous`, the hash of the line before, and `hash`, the SHA-256 of the line's own text
 * without `,"hash":"…"`. So an edited line does not have the hash that it states, and a line that was left out, put in or moved breaks the link of the next.
 */
import { createHash } from 'node:crypto';

/** What stands before the first line. */
export const NO_LINE = '0'.repeat(64);

export interface ChainedEvents {
  readonly lines: readonly string[];
  /** Hash of the last line. */
  readonly head: string;
}

export function chainEvents(events: Iterable<object>): ChainedEvents {
  const lines: string[] = [];
  let head = NO_LINE;
  for (const event of events) {
    const body = JSON.stringify({ number: lines.length + 1, ...event, previous: head });
    head = createHash('sha256').update(body).digest('hex');
    lines.push(sealed(body, head));
  }
  return { lines, head };
}

function sealed(body: string, hash: string): string {
  return `${body.slice(0, -1)},"hash":"${hash}"}`;
}

const SEAL = /,"hash":"([0-9a-f]{64})"\}$/;

export interface ChainBreak {
  /** Of the line, from 1. */
  readonly line: number;
  readonly result: 'changed' | 'missing' | 'added';
  readonly detail: string;
}

/** The first place at which the chain is broken; null: it is whole. `count` and `head`: as they were stated elsewhere. */
export function findBreak(
  lines: readonly string[],
  stated: { readonly count: number; readonly head: string } | null,
): ChainBreak | null {
  let head = NO_LINE;
  for (const [index, line] of lines.entries()) {
    const found = checkLine(line, index + 1, head, lines[index + 1]);
    if (typeof found !== 'string') return found;
    head = found;
  }
  if (stated === null || (stated.count === lines.length && stated.head === head)) return null;
  return lines.length < stated.count
    ? {
        line: lines.length + 1,
        result: 'missing',
        detail: `${stated.count} events are stated, ${lines.length} are there: the last were left out.`,
      }
    : lines.length > stated.count
      ? {
          line: stated.count + 1,
          result: 'added',
          detail: `${stated.count} events are stated, ${lines.length} are there: the last were put in.`,
        }
      : {
          line: lines.length,
          result: 'changed',
          detail: 'The last event is not the one whose hash is stated.',
        };
}

/** The line's hash where it stands in the chain as it should. */
function checkLine(
  line: string,
  number: number,
  before: string,
  next: string | undefined,
): string | ChainBreak {
  const stated = SEAL.exec(line)?.[1];
  const body = line.replace(SEAL, '}');
  const hash = createHash('sha256').update(body).digest('hex');
  const read = readLine(body);
  if (stated === undefined || read === null || hash !== stated)
    return {
      line: number,
      result: 'changed',
      detail: 'Its text is not the one that its hash was made of: it was edited.',
    };
  if (read.previous === before && read.number === number) return hash;
  if (read.number > number)
    return {
      line: number,
      result: 'missing',
      detail: `Event ${number} was left out: event ${read.number} stands in its place.`,
    };
  if (read.number < number)
    return {
      line: number,
      result: 'added',
      detail: `It says that it is event ${read.number}: it was put in, or moved.`,
    };
  const follows = next === undefined ? null : readLine(next.replace(SEAL, '}'));
  return {
    ...{ line: number, result: 'changed' },
    detail: `It does not follow the event before it${follows?.previous === hash ? '' : ', and the next does not follow it'}: one of the two was replaced.`,
  };
}

function readLine(body: string): { number: number; previous: string } | null {
  try {
    const { number, previous } = JSON.parse(body) as { number: unknown; previous: unknown };
    return typeof number === 'number' && typeof previous === 'string' ? { number, previous } : null;
  } catch {
    return null;
  }
}
