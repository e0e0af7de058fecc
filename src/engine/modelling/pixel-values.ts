/** @file From what was chosen about pixels to how they are read: means, deviations, and the plane behind each channel. */
import { AppError } from '../../core/base/app-error.ts';
import type { ModelChoices } from '../../contract/model-choices.ts';
import type { Normalization } from '../storage/models.ts';

/** Of the images of ILSVRC 2012 as torchvision states them, in the order R, G, B. */
const IMAGENET = { means: [0.485, 0.456, 0.406], deviations: [0.229, 0.224, 0.225] } as const;

type PixelChoices = Pick<ModelChoices, 'means' | 'deviations' | 'channelOrder' | 'grey'> & {
  readonly pixels: Exclude<ModelChoices['pixels'], 'auto'>;
};

/** `allGrey`: every image of the project is grey, so that one plane of pixels is enough. */
export function pixelValues(choices: PixelChoices, channels: number, allGrey: boolean): Normalization {
  const { means, deviations } = valuesOf(choices, channels);
  if (means.length !== channels || deviations.length !== channels)
    throw new AppError('model-choice-invalid', {
      reason: `The model has ${channels} channels, but ${means.length} means and ${deviations.length} deviations were given`,
    });
  if (channels === 1) return { means, deviations };
  if (choices.grey || allGrey) return { means, deviations, sources: means.map(() => 0) };
  return choices.channelOrder === 'bgr' ? { means, deviations, sources: [2, 1, 0] } : { means, deviations };
}

function valuesOf(
  { pixels, means, deviations, channelOrder }: PixelChoices,
  channels: number,
): { means: number[]; deviations: number[] } {
  const same = (mean: number, deviation: number) => ({
    means: Array.from({ length: channels }, () => mean),
    deviations: Array.from({ length: channels }, () => deviation),
  });
  switch (pixels) {
    case 'unit':
      return same(0, 1);
    case 'symmetric':
      return same(0.5, 0.5);
    case 'byte':
      return same(0, 1 / 255);
    case 'custom':
      return { means: [...means], deviations: [...deviations] };
    case 'imagenet': {
      if (channels === 1) return same(average(IMAGENET.means), average(IMAGENET.deviations));
      const [ordered, spread] = [[...IMAGENET.means], [...IMAGENET.deviations]];
      return channelOrder === 'bgr'
        ? { means: ordered.reverse(), deviations: spread.reverse() }
        : { means: ordered, deviations: spread };
    }
  }
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
