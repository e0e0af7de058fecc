/** @file The two halves of a variational autoencoder as programs, made from their files. */
import type { Profile } from '../../core/compiler/lower/lowerings.ts';
import { compile } from '../../core/compiler/compile.ts';
import { copyInto } from '../../core/compiler/copy-graph.ts';
import { present } from '../../core/base/assert.ts';
import type { Program } from '../../core/execution/executor.ts';
import { Graph, type Value } from '../../core/graph/graph.ts';
import { importModel } from '../../core/onnx/import/import-model.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import { add, div, mul, slice, sub } from '../../core/ops/build.ts';
import type { Shape } from '../../core/tensor/tensor.ts';
import type { LatentFiles } from './denoiser-file.ts';

interface LatentShape {
  readonly channels: number;
  readonly imageSize: number;
}

/** Feeds: `given`, pictures [N, C, S, S] in −1 … 1. Fetches: `said`, their latents [N, c, s, s], scaled as the denoiser knows them. */
export function encoderProgram(
  model: OnnxModel,
  { encoder, pictureChannels, pictureSize, scalingFactor, shiftFactor }: LatentFiles,
  { channels }: LatentShape,
  batchSize: number,
  profile: Profile,
): Program {
  const graph = new Graph();
  const shape = [batchSize, pictureChannels, pictureSize, pictureSize];
  const given = graph.input('given', { dtype: 'float32', shape });
  const said = applyFile(graph, model, encoder, given, shape);
  // Behind the means lie the logarithms of the variances, where the encoder says both.
  const means = slice(graph, said, [{ axis: 1, start: 0, end: channels }]);
  return compile(graph, { said: mul(graph, sub(graph, means, shiftFactor), scalingFactor) }, { profile });
}

/** Feeds: `given`, latents [N, c, s, s] as the denoiser makes them. Fetches: `said`, their pictures [N, C, S, S]. */
export function decoderProgram(
  model: OnnxModel,
  { decoder, scalingFactor, shiftFactor }: LatentFiles,
  { channels, imageSize }: LatentShape,
  batchSize: number,
  profile: Profile,
): Program {
  const graph = new Graph();
  const shape = [batchSize, channels, imageSize, imageSize];
  const given = graph.input('given', { dtype: 'float32', shape });
  const unscaled = add(graph, div(graph, given, scalingFactor), shiftFactor);
  return compile(graph, { said: applyFile(graph, model, decoder, unscaled, shape) }, { profile });
}

/** What the file says of `given`. */
function applyFile(
  graph: Graph,
  model: OnnxModel,
  { input, output }: { readonly input: string; readonly output: string },
  given: Value,
  shape: Shape,
): Value {
  const imported = importModel(model, { inputShapes: new Map([[input, shape]]), outputs: [output] });
  const substitutes = new Map([[present(imported.inputs.get(input), input), given]]);
  return copyInto(graph, [present(imported.outputs.get(output), output)], substitutes)[0]!;
}
