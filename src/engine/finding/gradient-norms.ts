/**
 * @file GraNd (Paul, Ganguli, Dziugaite, "Deep learning on a data diet", NeurIPS 2021): the length of each image's loss gradient near
 * initialisation. Measured after one epoch of a few fresh trainings: before anything is learned, it does not depend on the label much.
 */
import { throwIfCancelled } from '../../core/base/app-error.ts';
import { featureProgram } from '../../core/nn/feature-program.ts';
import { imageShape } from '../../core/nn/network.ts';
import { float32 } from '../../core/tensor/tensor.ts';
import { halvingBatches } from '../training/batch-size.ts';
import { BatchReader } from '../training/batches.ts';
import { trainFresh, type FreshWork, type LearnedRows } from './fresh-training.ts';

const INITIALISATIONS = 3;
const LARGEST_BATCH = 128;
/** A batch's full gradients are to take about this much at most. */
const GRADIENT_BYTES = 256 * 2 ** 20;

/** Mean of ‖∇ℓ‖₂ over fresh trainings of one epoch, by the model's recipe; per entry of `learned.rows`. */
export async function earlyGradientNorms(work: FreshWork, learned: LearnedRows): Promise<Float64Array> {
  const norms = new Float64Array(learned.rows.length);
  const oneEpoch = { ...work, recipe: { ...work.recipe, epochs: 1 } };
  for (let index = 0; index < INITIALISATIONS; index++) {
    const { rows, labels } = learned;
    const { parameters } = await trainFresh(oneEpoch, { rows, labels }, `early ${index}`);
    const found = await gradientNorms(work, parameters, learned);
    for (const [place, norm] of found.entries()) norms[place]! += norm / INITIALISATIONS;
    learned.onProgress?.((index + 1) / INITIALISATIONS);
  }
  return norms;
}

function gradientNorms(
  work: FreshWork,
  parameters: Float32Array,
  learned: LearnedRows,
): Promise<Float64Array> {
  const fitting = Math.floor(GRADIENT_BYTES / (4 * work.recipe.network.parameterCount));
  const batchSize = Math.max(1, Math.min(LARGEST_BATCH, fitting, learned.rows.length));
  return halvingBatches(batchSize, 'Lengths of gradients', (size) =>
    normsInBatches(work, parameters, learned, size),
  );
}

async function normsInBatches(
  { executor, recipe, model, signal }: FreshWork,
  parameters: Float32Array,
  { rows, labels }: LearnedRows,
  batchSize: number,
): Promise<Float64Array> {
  const { network } = recipe;
  const classCount = network.outputCount;
  const program = featureProgram(network, parameters, {
    batchSize,
    profile: executor.profile,
    outputFunction: 'loss',
    // The projection is not read: this kind forms whole gradients, and the shortest is the cheapest.
    projection: { kind: 'fold', size: 1, seed: 0 },
  });
  const reader = new BatchReader(model.pixels, model.normalization, batchSize);
  const norms = new Float64Array(rows.length);
  const session = await executor.open(program);
  try {
    for (let from = 0; from < rows.length; from += batchSize) {
      throwIfCancelled(signal);
      const some = rows.subarray(from, from + batchSize);
      const targets = new Float32Array(batchSize * classCount);
      // Rows past the end get some class too: what comes out of them is not read.
      for (let place = 0; place < batchSize; place++)
        targets[place * classCount + (place < some.length ? labels[some[place]!]! : 0)] = 1;
      const feeds = {
        images: float32(imageShape(network, batchSize), reader.read(some)),
        targets: float32([batchSize, classCount], targets),
      };
      const squares = (await session.run(feeds, ['squaredNorms']))['squaredNorms']!.data as Float32Array;
      for (let place = 0; place < some.length; place++) norms[from + place] = Math.sqrt(squares[place]!);
    }
  } finally {
    await session.dispose();
  }
  return norms;
}
