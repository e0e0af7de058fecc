/**
 * @file Rows of floats in 16 bits each. A row is scaled by a power of two of its own before it is rounded, because gradients of
 * easy and of hard images differ by orders of magnitude: so no row overflows or loses its digits, however the rows are grouped.
 */

/** The largest magnitude of a scaled row lies below this; the largest float16 is 65,504. */
const TARGET_EXPONENT = 14;

export interface Float16Rows {
  /** Raw bits, [rows, columns]. */
  readonly bits: Uint16Array<ArrayBuffer>;
  /** What each row was multiplied by, [rows]. */
  readonly scales: Float32Array<ArrayBuffer>;
}

export function encodeFloat16Rows(values: Float32Array, columns: number): Float16Rows {
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
  return { bits: new Uint16Array(halves.buffer), scales };
}

export function decodeFloat16Rows({ bits, scales }: Float16Rows, columns: number): Float32Array {
  const table = float16Table();
  const values = new Float32Array(bits.length);
  for (let row = 0; row < scales.length; row++) {
    const factor = 1 / scales[row]!;
    const start = row * columns;
    for (let index = start; index < start + columns; index++) values[index] = table[bits[index]!]! * factor;
  }
  return values;
}

/** Both the scale and its inverse stay normal float32 numbers. */
function clampExponent(exponent: number): number {
  return Math.min(120, Math.max(-120, exponent));
}

let cachedTable: Float32Array | null = null;

/** Every float16 by its bits: a look-up is three times as fast as a conversion. */
function float16Table(): Float32Array {
  cachedTable ??= new Float32Array(
    new Float16Array(Uint16Array.from({ length: 65_536 }, (_, bits) => bits).buffer),
  );
  return cachedTable;
}
