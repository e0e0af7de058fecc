/** @file What a model file becomes here, as text: the graph that is differentiated and compiled. */
import { AppError } from '../../core/base/app-error.ts';
import { printGraph } from '../../core/graph/print.ts';
import { inlineFunctions } from '../../core/onnx/inline-functions.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import { findImageInput, USUAL_SIDE } from './image-input.ts';
import { probeModel } from './probe-model.ts';

/** For a batch of two images; throws the reason where nothing of the file can be imported. */
export function printImported(model: OnnxModel): string {
  const inlined = inlineFunctions(model);
  const image = findImageInput(inlined);
  if (typeof image === 'string') throw new AppError('model-invalid', { reason: image });
  const { probed, errors } = probeModel(inlined, image, image.size ?? USUAL_SIDE);
  if (probed === null) throw errors[0] ?? new AppError('model-invalid', { reason: 'it has no output' });
  const { graph, outputs } = probed.imported;
  return printGraph(graph, [...outputs.values()]);
}
