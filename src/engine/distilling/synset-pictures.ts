/** @file Synthetic images as a person sees them: normalised pixels back in bytes, cut to what a picture can hold. */
import type { Normalization } from '../storage/models.ts';
import type { Synset } from './synset.ts';

/** RGB bytes of a cluster's synthetic images, [side, side, 3] each. */
export function synsetPictures(
  { images, imagesPerCluster }: Pick<Synset, 'images' | 'imagesPerCluster'>,
  cluster: number,
  { means, deviations }: Normalization,
  side: number,
): Uint8Array<ArrayBuffer>[] {
  const [channels, area] = [means.length, side * side];
  return Array.from({ length: imagesPerCluster }, (_, image) => {
    const start = (cluster * imagesPerCluster + image) * channels * area;
    const picture = new Uint8Array(3 * area);
    for (let pixel = 0; pixel < area; pixel++)
      for (let colour = 0; colour < 3; colour++) {
        const channel = channels === 1 ? 0 : colour;
        const value = images[start + channel * area + pixel]! * deviations[channel]! + means[channel]!;
        picture[3 * pixel + colour] = Math.min(255, Math.max(0, Math.round(255 * value)));
      }
    return picture;
  });
}
