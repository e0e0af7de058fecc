/** @file What a denoiser is shown of an image to get its features: a clean image at a step of time, several times over. */
export interface View {
  /** Pixels in −1 … 1. */
  readonly image: Float32Array;
  readonly step: number;
}

export interface ViewedImage {
  /** Names the random streams of its noise: equal content gets equal noise. */
  readonly key: string;
  /** Class that a conditional model is told; −1: none. */
  readonly classIndex: number;
  readonly views: readonly View[];
}
