/** @file Shape arithmetic: broadcasting, strides, axes. */
import { assert } from '../base/assert.ts';
import type { Shape } from './tensor.ts';

/** Numpy broadcasting: extents are aligned at the end; 1 stretches. */
export function broadcastShapes(...shapes: readonly Shape[]): Shape {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let extent = 1;
    for (const shape of shapes) {
      const own = shape[axis - rank + shape.length] ?? 1;
      assert(own === extent || own === 1 || extent === 1, `shapes ${shapes.map(printShape).join(' ')} clash`);
      if (own !== 1) extent = own;
    }
    return extent;
  });
}

/** Whether broadcasting alone turns `from` into `to`. */
export function canExpand(from: Shape, to: Shape): boolean {
  const offset = to.length - from.length;
  return offset >= 0 && from.every((extent, axis) => extent === 1 || extent === to[axis + offset]);
}

/** The axes of `to` that a broadcast of `from` runs along: added in front, or stretched from 1. */
export function broadcastAxes(from: Shape, to: Shape): number[] {
  const offset = to.length - from.length;
  return to.flatMap((extent, axis) =>
    axis < offset || (from[axis - offset] === 1 && extent !== 1) ? [axis] : [],
  );
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** A non-negative axis; −1 is the last. */
export function normalizeAxis(axis: number, rank: number): number {
  assert(Number.isInteger(axis) && axis >= -rank && axis < rank, `axis ${axis} of rank ${rank}`);
  return axis < 0 ? axis + rank : axis;
}

/** Sorted non-negative axes without repeats; all axes where none are named. */
export function normalizeAxes(axes: readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  return [...new Set(axes.map((axis) => normalizeAxis(axis, rank)))].sort((a, b) => a - b);
}

/** The shape after reducing `axes` (sorted, non-negative). */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  return shape.flatMap((extent, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [extent]));
}

export function printShape(shape: Shape): string {
  return `[${shape.join(',')}]`;
}
