/** @file What perturbed models say of images: the outputs of each, and of the control, which has all of the synset. */
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import { throwIfCancelled } from '../../core/base/app-error.ts';
import { makeMatrix, type Matrix64 } from '../../core/linalg/matrix.ts';
import { outputsProgram } from '../../core/nn/synset/outputs-program.ts';
import { imageShape } from '../../core/nn/network.ts';
import { float32 } from '../../core/tensor/tensor.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { LoadedModel } from '../attributing/loaded-model.ts';
import { BatchReader } from '../training/batches.ts';
import { chooseLearningRate } from './step-size.ts';
import { trainPerturbed, type PerturbedTraining } from './perturbed-models.ts';
import type { SynsetArtifact } from './synset-artifact.ts';

export interface SynsetQuestion {
  readonly model: Pick<LoadedModel, 'classifier' | 'parameters' | 'pixels' | 'normalization'>;
  readonly artifact: Pick<SynsetArtifact, 'synset' | 'correction'>;
  /** [B, C] */
  readonly masks: Matrix64;
  /** Without a learning rate one is chosen. */
  readonly training: Omit<PerturbedTraining, 'learningRate'> & { readonly learningRate: number | null };
  /** Rows of the pixel source that are asked about. */
  readonly rows: Int32Array;
  readonly signal?: CancelSignal | undefined;
  readonly onProgress?: (fraction: number) => void;
}

export interface SynsetAnswer {
  /** Logits [rows, K] under each mask. */
  readonly perturbed: readonly Float32Array[];
  readonly control: Float32Array;
  /** Models that were trained in one graph. */
  readonly together: number;
  readonly learningRate: number;
}

const BATCH = 256;

export async function askSynset(
  tools: Pick<ComputeTools, 'executor' | 'matrixEngine'>,
  question: SynsetQuestion,
): Promise<SynsetAnswer> {
  const { model, artifact, masks, rows, signal, onProgress } = question;
  const { classifier: network, parameters } = model;
  const learningRate =
    question.training.learningRate ??
    (await chooseLearningRate(
      tools.executor,
      { network, parameters },
      artifact.synset,
      question.training.momentum,
    ));
  const training = { ...question.training, learningRate };
  const ones = new Float64Array(masks.columns).fill(1);
  const withControl = makeMatrix(masks.rows + 1, masks.columns, Float64Array.from([...masks.data, ...ones]));
  const outputs = await openOutputs(tools, model, rows, signal);
  const found: Float32Array[] = [];
  try {
    const task = {
      network,
      parameters,
      synset: artifact.synset,
      correction: artifact.correction,
      masks: withControl,
      ...{ training, signal },
      ...(onProgress === undefined ? {} : { onProgress }),
    };
    const together = await trainPerturbed(tools, task, async (place, parameters) => {
      found[place] = await outputs.of(parameters);
    });
    return { perturbed: found.slice(0, masks.rows), control: found[masks.rows]!, together, learningRate };
  } finally {
    await outputs.dispose();
  }
}

/** One session says what any parameters make of the same images. */
async function openOutputs(
  { executor }: Pick<ComputeTools, 'executor'>,
  { classifier, pixels, normalization }: SynsetQuestion['model'],
  rows: Int32Array,
  signal: CancelSignal | undefined,
): Promise<{ of: (parameters: Float32Array) => Promise<Float32Array>; dispose: () => Promise<void> }> {
  const batchSize = Math.min(BATCH, rows.length);
  const session = await executor.open(outputsProgram(classifier, batchSize, executor.profile));
  const reader = new BatchReader(pixels, normalization, batchSize, { isReadAgain: true });
  const shape = imageShape(classifier, batchSize);
  return {
    of: async (parameters) => {
      const logits = new Float32Array(rows.length * classifier.outputCount);
      for (let from = 0; from < rows.length; from += batchSize) {
        throwIfCancelled(signal);
        const some = rows.subarray(from, from + batchSize);
        const fetched = await session.run({
          images: float32(shape, reader.read(some)),
          parameters: float32([parameters.length], parameters),
        });
        const data = fetched['logits']!.data as Float32Array;
        logits.set(data.subarray(0, some.length * classifier.outputCount), from * classifier.outputCount);
      }
      return logits;
    },
    dispose: () => session.dispose(),
  };
}
