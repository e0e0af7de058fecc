/** @file Many images in one file, found by their number: IDX, CIFAR, NPZ and Parquet. */

/** An image as it lies in its source. */
export type StoredImage =
  /** An image file's bytes. */
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  /** Interleaved bytes, rows top down. */
  | {
      readonly kind: 'pixels';
      readonly pixels: Uint8Array;
      readonly width: number;
      readonly height: number;
      readonly channels: 1 | 3 | 4;
    };

export interface ImageArray {
  readonly count: number;
  /** Of the youngest of its files. */
  readonly modifiedMs: number;
  /** `index` below `count`. */
  readonly image: (index: number) => Promise<StoredImage>;
}

/** 'train/000123': the place of an image in an array called 'train'. */
export function placeInArray(name: string, index: number): string {
  return `${name}/${String(index).padStart(6, '0')}`;
}

/** The array's name and the image's number; null for other paths. */
export function parsePlace(path: string): { readonly name: string; readonly index: number } | null {
  const match = /^(.+)\/(\d+)$/.exec(path);
  return match === null ? null : { name: match[1]!, index: Number(match[2]) };
}
