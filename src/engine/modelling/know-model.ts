/** @file A stored model file looked into, as far as using it needs. */
import { AppError } from '../../core/base/app-error.ts';
import { inlineFunctions } from '../../core/onnx/inline-functions.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import type { KnownModel } from './describe-network.ts';
import { findImageInput, USUAL_SIDE } from './image-input.ts';
import { layersOf } from './model-layers.ts';
import { probeModel } from './probe-model.ts';

/** Throws `model-useless`; `path` names the file in it. `imageSize` is tried where the file leaves it free; 0: the usual one. */
export function knowModel(stored: OnnxModel, imageSize: number, path: string): KnownModel {
  const model = inlineFunctions(stored);
  const image = findImageInput(model);
  if (typeof image === 'string') throw new AppError('model-useless', { path, reason: image });
  const side = image.size ?? (imageSize === 0 ? USUAL_SIDE : imageSize);
  const { probed, errors } = probeModel(model, image, side);
  if (probed === null)
    throw errors[0] ?? new AppError('model-useless', { path, reason: 'it has no outputs' });
  return {
    model,
    image,
    layers: layersOf(model, probed.parameters),
    roles: new Map([...probed.outputs].map(([name, { role }]) => [name, role])),
  };
}
