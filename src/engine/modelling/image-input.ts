/** @file Which input of a model file takes the images, and how. */
import type { Dimension, OnnxModel } from '../../core/onnx/model.ts';
import type { ModelReport } from '../../contract/models-service.ts';

export type ImageInput = NonNullable<ModelReport['image']>;

/** The side that is tried where a file leaves it free: what most classifiers are trained on. */
export const USUAL_SIDE = 224;

/** The image input, or in words why there is none. */
export function findImageInput(model: OnnxModel): ImageInput | string {
  const fed = [...model.inputs].filter(([name]) => !model.initializers.has(name));
  const [first, ...others] = fed;
  if (first === undefined) return 'it has no inputs';
  if (others.length > 0) {
    const names = fed.map(([name]) => name).join(', ');
    return `it wants ${fed.length} inputs (${names}); a model of images alone is expected, or a denoiser, which whence model import takes`;
  }
  const [name, { dtype, shape }] = first;
  if (dtype !== 'float32' && dtype !== 'float16')
    return `its input ${name} is of type ${dtype}; float images are expected. Export the model without its decoding or quantising first step`;
  if (shape === null) return { input: name, channels: 3, size: null, layout: 'nchw' };
  if (shape.length !== 4)
    return `its input ${name} has ${shape.length} axes; images are expected as [batch, channels, height, width]`;
  return describeAxes(name, shape);
}

/** An image input of these axes, or in words why it is none. */
export function describeAxes(name: string, shape: readonly Dimension[]): ImageInput | string {
  const [, second, , last] = shape;
  const layout = !isChannelCount(second) && isChannelCount(last) ? 'nhwc' : 'nchw';
  const [channels, height, width] = layout === 'nchw' ? [second, shape[2], last] : [last, second, shape[2]];
  if (typeof channels === 'number' && !isChannelCount(channels))
    return `its input ${name} has ${channels} channels; 1 (grey) or 3 (colour) are expected`;
  if (typeof height === 'number' && typeof width === 'number' && height !== width)
    return `its images are ${height} × ${width} pixels; square ones are expected. Export it with a square input`;
  const side = [height, width].find((extent) => typeof extent === 'number');
  return {
    input: name,
    channels: typeof channels === 'number' ? channels : 3,
    size: typeof side === 'number' ? side : null,
    layout,
  };
}

function isChannelCount(extent: Dimension | undefined): boolean {
  return extent === 1 || extent === 3;
}

/** [N, C, H, W] or [N, H, W, C]. */
export function imageInputShape(
  { channels, layout }: Pick<ImageInput, 'channels' | 'layout'>,
  batchSize: number,
  side: number,
): number[] {
  return layout === 'nchw' ? [batchSize, channels, side, side] : [batchSize, side, side, channels];
}
