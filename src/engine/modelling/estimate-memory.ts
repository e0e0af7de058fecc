/** @file The memory that training a network, or taking its per-sample gradients, would need. */
import { peakLiveBytes } from '../../core/compiler/live-memory.ts';
import { featureGraph } from '../../core/nn/feature-program.ts';
import type { Network } from '../../core/nn/network.ts';
import { trainingGraph } from '../../core/nn/training-program.ts';
import { AttributeConfig, TrainConfig } from '../../contract/runs-service.ts';

export const HOW_ESTIMATED =
  'the largest sum of values alive at one time in the compiled graph, weights included; what ONNX Runtime needs for itself comes on top';

export function trainingBytes(network: Network, batchSize: number): number {
  const { graph, outputs } = trainingGraph(network, { ...TrainConfig.parse({}), batchSize });
  return peakLiveBytes(graph, Object.values(outputs));
}

/** Of features as attribution takes them by default. */
export function featureBytes(network: Network, batchSize: number): number {
  const { projection, projectionSize, seed } = AttributeConfig.parse({});
  const { graph, outputs } = featureGraph(network, network.initialParameters(0), {
    batchSize,
    outputFunction: 'margin',
    projection: { kind: projection, size: projectionSize, seed },
  });
  return peakLiveBytes(graph, Object.values(outputs));
}
