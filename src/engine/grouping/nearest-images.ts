/** @file The nearest neighbours of some images among others, by pixels. */
import { throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import { makeMatrix, type Matrix } from '../../core/linalg/matrix.ts';
import type { MatrixEngine } from '../../core/linalg/matrix-engine.ts';
import { squaredRowLengths } from '../../core/attribution/preconditioner.ts';

/** Images are read and compared in pieces of so many. */
const PIECE = 512;

type ReadImages = (rows: Int32Array) => readonly Float32Array[];

/** Per image of `rows` the `count` nearest of `others`, nearest first, as rows. Exact. */
export async function nearestImages(
  read: ReadImages,
  rows: Int32Array,
  others: Int32Array,
  count: number,
  engine: MatrixEngine,
  signal?: CancelSignal,
): Promise<Int32Array[]> {
  const used = Math.min(count, others.length);
  const nearest: Int32Array[] = [];
  for (let from = 0; from < rows.length; from += PIECE) {
    const some = rows.subarray(from, from + PIECE);
    const lists = Array.from(some, () => new NearestList(used));
    const images = stack(read(some));
    for (let start = 0; start < others.length; start += PIECE) {
      throwIfCancelled(signal);
      const candidates = others.subarray(start, start + PIECE);
      const compared = stack(read(candidates));
      const products = await engine.multiply(images, compared, { transposeB: true });
      // ‖a − b‖² up to ‖a‖², which does not change the order.
      const lengths = squaredRowLengths(compared);
      for (const [place, list] of lists.entries())
        for (let other = 0; other < candidates.length; other++)
          list.offer(
            candidates[other]!,
            lengths[other]! - 2 * products.data[place * products.columns + other]!,
          );
    }
    nearest.push(...lists.map((list) => list.rows()));
  }
  return nearest;
}

function stack(images: readonly Float32Array[]): Matrix {
  const columns = images[0]!.length;
  const data = new Float32Array(images.length * columns);
  for (const [place, image] of images.entries()) data.set(image, place * columns);
  return makeMatrix(images.length, columns, data);
}

/** The few smallest distances so far, in order. */
class NearestList {
  readonly #count: number;
  readonly #entries: { readonly row: number; readonly distance: number }[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  offer(row: number, distance: number): void {
    const last = this.#entries.at(-1);
    if (this.#entries.length === this.#count && last !== undefined && distance >= last.distance) return;
    const place = this.#entries.findIndex((entry) => entry.distance > distance);
    this.#entries.splice(place < 0 ? this.#entries.length : place, 0, { row, distance });
    if (this.#entries.length > this.#count) this.#entries.pop();
  }

  rows(): Int32Array {
    return Int32Array.from(this.#entries, ({ row }) => row);
  }
}
