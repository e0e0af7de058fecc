/**
 * @file Rows of floats in 16 bits each. A row is scaled by a power of two of its own before it is rounded, because gradients of
 * easy and of hard images differ by orders of magnitude: so no row overflows or loses its digits, however the rows are grouped.
 */
import type { HalfRows } from '../../core/linalg/rows.ts';

/** The largest magnitude of a scaled row lies below this; the largest float16 is 65,504. */
const TARGET_EXPONENT = 14;

export function encodeFloat16Rows(values: Float32Array, columns: number): HalfRows {
  const halves = new Float16Array(values.length);
  const scales = new Float32Array(values.length / columns);
  for (let row = 0; row < scales.length; row++) {
    const start = row * columns;
    let largest = 0;
    for (let index = start; index < start + columns; index++)
      largest = Math.max(largest, Math.abs(values[index]!));
    const scale = largest === 0 ? 1 : 2 ** clampExponent(TARGET_EXPONENT - Math.floor(Math.log2(largest)));
    scales[row] = scale;
    for (let index = start; index < start + columns; index++) halves[index] = values[index]! * scale;
  }
  return { rows: scales.length, columns, bits: new Uint16Array(halves.buffer), scales };
}

/** Both the scale and its inverse stay normal float32 numbers. */
function clampExponent(exponent: number): number {
  return Math.min(120, Math.max(-120, exponent));
}
