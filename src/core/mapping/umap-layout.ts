/**
 * @file The layout of UMAP: neighbours pull each other together, points picked at random push each other apart (McInnes, Healy and Melville 2018, §3.2). One
 * thread and one stream of random numbers: equal inputs give equal maps.
 */
import type { Random } from '../base/random.ts';
import { fitDistanceCurve, type DistanceCurve } from './distance-curve.ts';
import type { NeighbourGraph } from './neighbour-graph.ts';

export interface UmapOptions {
  readonly epochs: number;
  /** How tightly points may lie: small makes clumps, large spreads them; in 0…1. */
  readonly leastDistance: number;
  readonly random: Random;
}

/** Points that push for each that pulls. */
const PUSHES = 5;
const LARGEST_STEP = 4;
/** Where points lie at the start: ±10, as the reference implementation has it. */
const START_REACH = 10;

export class UmapLayout {
  /** [points, 2] */
  readonly positions: Float32Array;
  readonly epochs: number;
  #epoch = 0;
  readonly #graph: NeighbourGraph;
  readonly #random: Random;
  readonly #curve: DistanceCurve;
  /** Epochs between two uses of each edge, and when it is next used. */
  readonly #interval: Float32Array;
  readonly #next: Float32Array;

  /** `start` [points, 2]: its shape is kept, its size is not. */
  constructor(graph: NeighbourGraph, start: Float32Array, { epochs, leastDistance, random }: UmapOptions) {
    this.epochs = epochs;
    this.#graph = graph;
    this.#random = random;
    this.#curve = fitDistanceCurve(leastDistance);
    this.positions = spreadOut(start, random);
    const strongest = graph.weights.reduce((most, weight) => Math.max(most, weight), 0);
    this.#interval = graph.weights.map((weight) => strongest / weight);
    this.#next = this.#interval.slice();
  }

  /** One pass over the edges that are due; answers how many passes there were. */
  step(): number {
    const { heads, tails } = this.#graph;
    const rate = 1 - this.#epoch / this.epochs;
    const now = this.#epoch + 1;
    for (let edge = 0; edge < heads.length; edge++) {
      if (this.#next[edge]! > now) continue;
      this.#next[edge]! += this.#interval[edge]!;
      this.#pull(heads[edge]!, tails[edge]!, rate);
      for (let push = 0; push < PUSHES; push++)
        this.#push(heads[edge]!, this.#random.integer(this.#graph.pointCount), rate);
    }
    return ++this.#epoch;
  }

  #pull(head: number, tail: number, rate: number): void {
    const { positions } = this;
    const { a, b } = this.#curve;
    const [h, t] = [2 * head, 2 * tail];
    const dx = positions[h]! - positions[t]!;
    const dy = positions[h + 1]! - positions[t + 1]!;
    const square = dx * dx + dy * dy;
    if (square === 0) return;
    const power = Math.pow(square, b);
    const factor = (-2 * a * b * (power / square)) / (a * power + 1);
    const [x, y] = [rate * clip(factor * dx), rate * clip(factor * dy)];
    positions[h]! += x;
    positions[h + 1]! += y;
    positions[t]! -= x;
    positions[t + 1]! -= y;
  }

  #push(head: number, other: number, rate: number): void {
    if (head === other) return;
    const { positions } = this;
    const { a, b } = this.#curve;
    const [h, o] = [2 * head, 2 * other];
    const dx = positions[h]! - positions[o]!;
    const dy = positions[h + 1]! - positions[o + 1]!;
    const square = dx * dx + dy * dy;
    if (square === 0) return;
    const factor = (2 * b) / ((0.001 + square) * (a * Math.pow(square, b) + 1));
    positions[h]! += rate * clip(factor * dx);
    positions[h + 1]! += rate * clip(factor * dy);
  }
}

function clip(step: number): number {
  return Math.max(-LARGEST_STEP, Math.min(LARGEST_STEP, step));
}

/** Scaled to ±10, with a little noise: equal images must not lie on one point, where nothing pushes them. */
function spreadOut(start: Float32Array, random: Random): Float32Array {
  const reach = start.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  return start.map((value) => (START_REACH * value) / reach + 1e-4 * random.normal());
}
