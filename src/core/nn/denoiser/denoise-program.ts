/** @file What a frozen denoiser predicts, as a program. */
import { compile } from '../../compiler/compile.ts';
import type { Program } from '../../execution/executor.ts';
import { Graph } from '../../graph/graph.ts';
import { bakedParameters, imageShape, sideInputs, slicedParameters, type Network } from '../network.ts';
import type { PredictionOptions } from '../prediction-program.ts';

/**
 * Feeds: `images` noisy [B,C,H,W] and the side inputs. Fetches: `output` [B,C,H,W], `embedding` [B,E]. The parameters are part of the program, or, where
 * they are null, an input `parameters` [p]: for parameters that change from run to run.
 */
export function denoiseProgram(
  network: Network,
  frozen: Float32Array | null,
  { batchSize, profile }: PredictionOptions,
): Program {
  const graph = new Graph();
  const images = graph.input('images', { dtype: 'float32', shape: imageShape(network, batchSize) });
  const parameters =
    frozen === null
      ? slicedParameters(
          graph,
          network,
          graph.input('parameters', { dtype: 'float32', shape: [network.parameterCount] }),
        )
      : bakedParameters(graph, network, frozen);
  const side = sideInputs(graph, network, batchSize);
  const { output, embedding } = network.forward(graph, images, parameters, { side });
  return compile(graph, { output, embedding }, { profile });
}
