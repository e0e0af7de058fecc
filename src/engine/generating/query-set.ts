/** @file Images that are asked about, ready for a denoiser. */
export interface QuerySet {
  /** Names the random streams of each: equal content gets equal noise. */
  readonly keys: readonly string[];
  /** Pixels in −1 … 1, [C·H·W] each. */
  readonly images: readonly Float32Array[];
  /** Class that a conditional model is told; −1: none. */
  readonly classIndices: readonly number[];
}
