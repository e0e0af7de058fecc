/**
 * @file Diversity: images that together stand for all others. Facility location, f(S) = Σᵢ max(0, maxⱼ∈S cos(eᵢ, eⱼ)), made large by
 * stochastic greedy search (Mirzasoleiman et al., "Lazier than lazy greedy", AAAI 2015): each step looks at a few random candidates
 * and takes the one that adds most. Unlike farthest-first search it is not drawn to outliers: a lone image covers but itself.
 */
import { throwIfCancelled } from '../base/app-error.ts';
import type { CancelSignal } from '../base/cancel-signal.ts';
import type { Random } from '../base/random.ts';
import { rowsOf, type Matrix, type MatrixData } from '../linalg/matrix.ts';
import type { MatrixEngine } from '../linalg/matrix-engine.ts';
import { unitRows } from '../linalg/unit-rows.ts';

/** ε: the expected value is at least (1 − 1/e − ε) of the best there is. */
const SLACK = 0.1;
/** Similarities held at a time. */
const BLOCK_BYTES = 64 * 2 ** 20;

export interface FacilityOptions {
  /** How many are picked. */
  readonly count: number;
  readonly random: Random;
  readonly engine: MatrixEngine;
  readonly signal?: CancelSignal | undefined;
  readonly onProgress?: ((picked: number) => void) | undefined;
}

export interface Pick {
  readonly row: number;
  /** What it added to f, at most what the pick before it added; 0…rows. */
  readonly gain: number;
}

/** Rows of `embeddings` [rows, any] in the order of picking. Takes about 2.3 · rows² products of two rows, whatever `count` is. */
export async function pickFacilities(embeddings: Matrix, options: FacilityOptions): Promise<Pick[]> {
  const { count, random, engine } = options;
  const unit = unitRows(embeddings);
  const { rows } = unit;
  const perStep = Math.min(rows, Math.ceil((rows / count) * Math.log(1 / SLACK)));
  const stepsAtOnce = Math.max(1, Math.floor(BLOCK_BYTES / (4 * rows * perStep)));
  const covered = new Float32Array(rows);
  const open = Uint32Array.from({ length: rows }, (_, row) => row);
  const isPicked = new Uint8Array(rows);
  const picks: Pick[] = [];
  while (picks.length < count) {
    throwIfCancelled(options.signal);
    const remaining = open.filter((row) => isPicked[row] === 0);
    const steps = Math.min(stepsAtOnce, count - picks.length);
    const drawn = drawCandidates(remaining, steps, perStep, random);
    const similarities = await engine.multiply(rowsOf(unit, drawn), unit, { transposeB: true });
    for (let step = 0; step < steps; step++) {
      // What an earlier step of this block took is no candidate any more.
      const places = placesOf(step, perStep, drawn.length).filter((place) => isPicked[drawn[place]!] === 0);
      const best = takeBest(similarities.data, places, covered);
      if (best === null) continue;
      const row = drawn[best.place]!;
      isPicked[row] = 1;
      picks.push({ row, gain: Math.min(best.gain, picks.at(-1)?.gain ?? Infinity) });
    }
    options.onProgress?.(picks.length);
  }
  return picks;
}

/** Candidates of some steps, one step after the other; within a step none occurs twice. */
function drawCandidates(remaining: Uint32Array, steps: number, perStep: number, random: Random): Int32Array {
  const each = Math.min(perStep, remaining.length);
  const drawn = new Int32Array(steps * perStep).fill(remaining[0]!);
  for (let step = 0; step < steps; step++)
    for (let place = 0; place < each; place++) {
      // The first places of a shuffle.
      const other = place + random.integer(remaining.length - place);
      [remaining[place], remaining[other]] = [remaining[other]!, remaining[place]!];
      drawn[step * perStep + place] = remaining[place]!;
    }
  return drawn;
}

function placesOf(step: number, perStep: number, length: number): number[] {
  const from = step * perStep;
  return Array.from({ length: Math.min(perStep, length - from) }, (_, place) => from + place);
}

/** The place whose row of similarities adds most to what is covered; then it is covered. null: there was none. */
function takeBest(
  similarities: MatrixData,
  places: readonly number[],
  covered: Float32Array,
): { place: number; gain: number } | null {
  let best: { place: number; gain: number } | null = null;
  for (const place of places) {
    const gain = gainOf(similarities, place * covered.length, covered);
    if (best === null || gain > best.gain) best = { place, gain };
  }
  if (best === null) return null;
  const start = best.place * covered.length;
  for (let row = 0; row < covered.length; row++)
    covered[row] = Math.max(covered[row]!, similarities[start + row]!);
  return best;
}

function gainOf(similarities: MatrixData, start: number, covered: Float32Array): number {
  let gain = 0;
  for (let row = 0; row < covered.length; row++) {
    const more = similarities[start + row]! - covered[row]!;
    if (more > 0) gain += more;
  }
  return gain;
}
