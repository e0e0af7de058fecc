/** @file Whether two programs compute the same, before their speed is compared. */

/** Max-pooling turns differences of rounding into other choices of a maximum; everything else agrees to 1e-6. */
const LARGEST_ERROR = 2e-3;

/** Throws where the difference is more than rounding explains. */
export function expectEqual(work: string, peer: string, ours: Float32Array, theirs: Float32Array): void {
  const error = ours.length === theirs.length ? relativeError(ours, theirs) : Infinity;
  if (!(error <= LARGEST_ERROR))
    throw new Error(`bench: ${work}: ours and ${peer} differ by ${error}, more than ${LARGEST_ERROR}`);
}

/** ‖ours − theirs‖ / ‖theirs‖ */
function relativeError(ours: Float32Array, theirs: Float32Array): number {
  let [difference, size] = [0, 0];
  theirs.forEach((entry, index) => {
    difference += (ours[index]! - entry) ** 2;
    size += entry ** 2;
  });
  return Math.sqrt(difference / size);
}
