/**
 * @file Comparison of programs on a machine that others use too: all entrants run in every round, in changing order, and only the
 * ratios within a round are looked at. A round during which others used the processor is dropped.
 */
import { readFileSync } from 'node:fs';

export interface Work {
  readonly seconds: number;
  /** Processor time that the work used, all threads together. */
  readonly processorSeconds: number;
}

export interface Entrant {
  readonly name: string;
  readonly run: (steps: number) => Promise<Work>;
}

export interface Race {
  /** Per entrant and clean round: seconds per step. */
  readonly times: ReadonlyMap<string, readonly number[]>;
  readonly cleanRounds: number;
  readonly droppedRounds: number;
}

export interface RaceOptions {
  readonly rounds: number;
  /** Each entrant does as many steps per round as take about this long. */
  readonly secondsPerTurn: number;
}

/** Cores that others may keep busy in a round that counts. */
const FOREIGN_LOAD_LIMIT = 0.1;

/** Where the machine is never quiet, rounds are tried up to this many times as often as wanted, and all of them count. */
const PATIENCE = 3;

export async function race(entrants: readonly Entrant[], options: RaceOptions): Promise<Race> {
  const steps = new Map<Entrant, number>();
  for (const entrant of entrants) {
    await entrant.run(1);
    const { seconds } = await entrant.run(1);
    steps.set(entrant, Math.max(1, Math.round(options.secondsPerTurn / seconds)));
  }
  const clean: Map<string, number>[] = [];
  const dirty: Map<string, number>[] = [];
  for (let round = 0; clean.length < options.rounds && round < PATIENCE * options.rounds; round++) {
    const { times, foreignLoad } = await runRound(rotate(entrants, round), steps);
    (foreignLoad <= FOREIGN_LOAD_LIMIT ? clean : dirty).push(times);
  }
  const counted = clean.length >= 3 ? clean : [...clean, ...dirty];
  return {
    times: new Map(entrants.map(({ name }) => [name, counted.map((times) => times.get(name)!)])),
    cleanRounds: clean.length,
    droppedRounds: dirty.length,
  };
}

async function runRound(entrants: readonly Entrant[], steps: ReadonlyMap<Entrant, number>) {
  const times = new Map<string, number>();
  let own = 0;
  let wall = 0;
  const before = busySeconds();
  for (const entrant of entrants) {
    const count = steps.get(entrant)!;
    const { seconds, processorSeconds } = await entrant.run(count);
    times.set(entrant.name, seconds / count);
    own += processorSeconds;
    wall += seconds;
  }
  return { times, foreignLoad: Math.max(0, (busySeconds() - before - own) / wall) };
}

function rotate<Item>(items: readonly Item[], by: number): Item[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

/** All cores together since the machine started, stolen time included; 0 where the system does not tell. */
function busySeconds(): number {
  try {
    const fields = readFileSync('/proc/stat', 'utf8')
      .split('\n', 1)[0]!
      .trim()
      .split(/\s+/)
      .slice(1)
      .map(Number);
    const [user, nice, system, , , interrupts, softInterrupts, stolen] = fields;
    return (user! + nice! + system! + interrupts! + softInterrupts! + stolen!) / 100;
  } catch {
    return 0;
  }
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Median over the rounds of how many times faster `faster` is than `slower`. */
export function speedUp({ times }: Race, faster: string, slower: string): number {
  const reference = times.get(slower)!;
  return median(times.get(faster)!.map((seconds, round) => reference[round]! / seconds));
}
