/** @file Where the trainer gets pixels from: rows of uint8 [channels, size, size], read by number. */
import { throwIfCancelled } from '../../core/base/app-error.ts';
import { assert } from '../../core/base/assert.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { Normalization } from '../storage/models.ts';

export interface PixelSource {
  readonly count: number;
  readonly channels: number;
  /** Side of the square images. */
  readonly size: number;
  /** Copies the rows of these numbers, one after the other, into `target`. */
  read(rows: ArrayLike<number>, target: Uint8Array): void;
  close(): void;
}

/** Pixels that are in memory already. */
export function memoryPixels(bytes: Uint8Array, channels: number, size: number): PixelSource {
  const rowBytes = channels * size * size;
  assert(bytes.length % rowBytes === 0, `${bytes.length} bytes are not whole images of ${rowBytes}`);
  return {
    count: bytes.length / rowBytes,
    channels,
    size,
    read: (rows, target) => {
      for (let place = 0; place < rows.length; place++) {
        const start = rows[place]! * rowBytes;
        target.set(bytes.subarray(start, start + rowBytes), place * rowBytes);
      }
    },
    close: () => undefined,
  };
}

const MEASURED_ROWS_AT_ONCE = 256;
/** A channel that never changes is not blown up. */
const LEAST_DEVIATION = 1 / 255;

/** Mean and deviation per channel over these rows, pixels in 0…1. Integer sums: exact, whatever the order. */
export function measureNormalization(
  pixels: PixelSource,
  rows: Int32Array,
  signal?: CancelSignal,
): Normalization {
  const area = pixels.size * pixels.size;
  const sums = new Float64Array(pixels.channels);
  const squares = new Float64Array(pixels.channels);
  const buffer = new Uint8Array(MEASURED_ROWS_AT_ONCE * pixels.channels * area);
  for (let from = 0; from < rows.length; from += MEASURED_ROWS_AT_ONCE) {
    throwIfCancelled(signal);
    const some = rows.subarray(from, from + MEASURED_ROWS_AT_ONCE);
    pixels.read(some, buffer);
    for (let plane = 0; plane < some.length * pixels.channels; plane++) {
      const channel = plane % pixels.channels;
      for (let index = plane * area; index < (plane + 1) * area; index++) {
        const value = buffer[index]!;
        sums[channel]! += value;
        squares[channel]! += value * value;
      }
    }
  }
  const count = rows.length * area;
  const means = Array.from(sums, (sum) => sum / count / 255);
  const deviations = Array.from(squares, (square, channel) =>
    Math.max(LEAST_DEVIATION, Math.sqrt(Math.max(0, square / count / 255 ** 2 - means[channel]! ** 2))),
  );
  return { means, deviations };
}
