import { describe, expect, it } from 'vitest';
import { makeAttentionNetwork } from '../../../testing/attention-network.ts';
import { drawBatch, drawParameters, makeClassifier } from '../../../testing/networks.ts';
import { leaveOneOut } from '../../core/attribution/datamodel/masks.ts';
import { plainMatrixEngine } from '../../core/linalg/matrix-engine.ts';
import { shapeOf } from '../../core/graph/graph.ts';
import { gatherElements, int64Constant } from '../../core/ops/build.ts';
import type { Network } from '../../core/nn/network.ts';
import { createOrtExecutor } from '../runtime/ort-executor.ts';
import { distil, type DistilTask, type GroupState } from './distil.ts';
import { trainPerturbed } from './perturbed-models.ts';
import { startCorrection } from './start-correction.ts';
import type { Synset } from './synset.ts';

const executor = createOrtExecutor({ threads: 1 });
const tools = { executor, matrixEngine: plainMatrixEngine };
const CLUSTERS = 3;
const classes = Int32Array.of(0, 1, 2);

/** Gradients of other images than those that the synset starts from. */
function taskOf(network: Network): DistilTask {
  const images = drawBatch(network, 2 * CLUSTERS).images.data as Float32Array;
  const parameters = drawParameters(network);
  const random = drawParameters(network).map((value, index) => Math.sin(31 * index) * 0.1 + 0 * value);
  const gradients = new Float32Array(CLUSTERS * network.parameterCount).map(
    (_, index) => random[(7 * index) % random.length]!,
  );
  return {
    ...{ network, classes, imagesPerCluster: 2, start: images },
    checkpoints: [parameters.map((value) => 0.9 * value), parameters],
    gradients: [gradients, gradients],
    settings: { iterations: 60, learningRate: 0.02, distance: 'squares' },
  };
}

const networks = { mlp: makeClassifier('mlp'), attention: makeAttentionNetwork() } as const;
const names = Object.keys(networks) as (keyof typeof networks)[];

describe('distilling a synset', () => {
  it.each(names)('brings the gradients nearer at every checkpoint (%s)', async (name) => {
    const { matched, curve } = await distil(executor, taskOf(networks[name]));
    expect(matched).toHaveLength(2);
    for (const { before, after } of matched) expect(after).toBeLessThan(before);
    expect(curve).toHaveLength(60);
  });

  it('ends in the same bits when it was stopped on the way', async () => {
    const task = taskOf(networks.mlp);
    const states: GroupState[] = [];
    const whole = await distil(executor, { ...task, onState: (state) => states.push(state) });
    const [early] = states;
    expect(early!.step).toBeLessThan(60);
    const resumed = await distil(executor, { ...task, kept: () => early! });
    expect(Buffer.from(resumed.images.buffer)).toEqual(Buffer.from(whole.images.buffer));
    expect(resumed.scales).toEqual(whole.scales);
    expect(resumed.curve).toEqual(whole.curve);
  });

  it('stops between two steps when it is cancelled', async () => {
    const controller = new AbortController();
    let steps = 0;
    const cancelled = distil(executor, {
      ...taskOf(networks.mlp),
      signal: controller.signal,
      onProgress: () => {
        steps++;
        if (steps === 4) controller.abort();
      },
    });
    await expect(cancelled).rejects.toThrow();
    expect(steps).toBe(4);
  });
});

function synsetOf(network: Network): Synset {
  return {
    ...{ classes, imagesPerCluster: 1, sizes: Int32Array.of(10, 20, 30) },
    images: drawBatch(network, CLUSTERS).images.data as Float32Array,
    scales: Float32Array.of(1, 0.5, 2),
  };
}

/** Parameters after leaving out each cluster, and how many models shared a graph. */
async function perturb(network: Network, corrected: boolean) {
  const synset = synsetOf(network);
  const parameters = drawParameters(network);
  const means = new Float32Array(CLUSTERS * network.parameterCount).map((_, index) => Math.sin(index));
  const correction = corrected
    ? await startCorrection(executor, { network, parameters }, synset, means, undefined)
    : null;
  const training = { steps: 4, learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 };
  const masks = leaveOneOut(CLUSTERS);
  const control = { ...masks, rows: 4, data: Float64Array.from([...masks.data, 1, 1, 1]) };
  const found: Float32Array[] = [];
  const task = { network, parameters, synset, correction, masks: control, training };
  const together = await trainPerturbed(tools, task, (model, values) => {
    found[model] = values.slice();
    return Promise.resolve();
  });
  return { found, together, parameters };
}

describe('perturbed models', () => {
  it('leave the control where it was, and take the others away from it', async () => {
    const { found, parameters } = await perturb(networks.mlp, true);
    const furthest = (values: Float32Array): number =>
      values.reduce((most, value, index) => Math.max(most, Math.abs(value - parameters[index]!)), 0);
    expect(furthest(found[3]!)).toBeLessThan(1e-5);
    for (const values of found.slice(0, 3)) expect(furthest(values)).toBeGreaterThan(1e-2);
  });

  it('are trained one after another where the network cannot be done in copies', async () => {
    const network = networks.mlp;
    // Picks each logit by a position of its own: the same function, by an operator that has no rule for copies.
    const strange: Network = {
      ...network,
      forward: (graph, images, parameters, options) => {
        const { output, embedding } = network.forward(graph, images, parameters, options);
        const [rows, columns] = shapeOf(output) as [number, number];
        const places = Array.from({ length: rows * columns }, (_, place) => place % columns);
        const indices = int64Constant(graph, places, [rows, columns]);
        return { output: gatherElements(graph, output, indices, 1), embedding };
      },
    };
    const [plain, alone] = [await perturb(network, false), await perturb(strange, false)];
    expect([plain.together, alone.together]).toEqual([4, 1]);
    for (const [model, values] of plain.found.entries())
      values.forEach((value, index) => expect(alone.found[model]![index]).toBeCloseTo(value, 4));
  });
});
