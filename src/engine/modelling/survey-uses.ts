/** @file What can be done with a model file, found out by trying, with the memory it would take. */
import { AppError } from '../../core/base/app-error.ts';
import { nodesBetween } from '../../core/compiler/copy-graph.ts';
import { Graph } from '../../core/graph/graph.ts';
import { imageShape, slicedParameters, type Network } from '../../core/nn/network.ts';
import type { ModelChoices } from '../../contract/model-choices.ts';
import type { ModelReport, ModelUse } from '../../contract/models-service.ts';
import { describeNetwork, type KnownModel } from './describe-network.ts';
import { featureBytes, HOW_ESTIMATED, trainingBytes } from './estimate-memory.ts';
import { fileNetwork } from './file-network.ts';

type Uses = Pick<ModelReport, 'uses' | 'memory'>;

/** Sizes for the estimates. */
interface Sizes {
  readonly side: number;
  readonly batchSize: number;
}

const NOTHING = 'no output can be used as logits, probabilities or an embedding';
const BACKBONE = 'no output tells classes apart: add the model with a new head, and fine-tune it';
/** A new head of any size: it is small beside the model. */
const SOME_CLASSES = 10;

export function surveyUses(
  known: Omit<KnownModel, 'image'> & { readonly image: KnownModel['image'] | null },
  suggestion: ModelChoices | null,
  { side, batchSize }: Sizes,
): Uses {
  const { image } = known;
  if (image === null || suggestion === null) return { uses: allRefused(NOTHING), memory: null };
  const choices = { ...suggestion, imageSize: side };
  const built = attempt(() => {
    const description = describeNetwork({ ...known, image }, choices, '');
    return fileNetwork(
      known.model,
      choices.newHead ? { ...description, newHead: SOME_CLASSES } : description,
    );
  });
  if (built instanceof AppError) return { uses: allRefused(built.message), memory: null };
  const forward = attempt(() => forwardNodes(built));
  if (forward instanceof AppError) return { uses: allRefused(forward.message), memory: null };
  const training = attempt(() => trainingBytes(built, batchSize));
  const features = attempt(() => featureBytes(built, batchSize));
  const trainable = `${built.parameterCount.toLocaleString('en-US')} parameters in ${built.parameters.length} tensors`;
  const uses: ModelReport['uses'] = [
    choices.newHead
      ? { use: 'predict', possible: false, detail: BACKBONE }
      : { use: 'predict', possible: true, detail: `${built.outputCount} classes from ${choices.output}` },
    { use: 'embed', possible: true, detail: describeEmbedding(suggestion) },
    judged('train', training, trainable),
    judged('attribute', features, 'fold (faithful) and factorised (fast) projections of the gradients'),
    judged('second-order', training, 'every gradient rule has a gradient rule itself'),
  ];
  if (training instanceof AppError || features instanceof AppError) return { uses, memory: null };
  const memory = { imageSize: side, batchSize, trainingBytes: training, featureBytes: features };
  return { uses, memory: { ...memory, how: HOW_ESTIMATED } };
}

/** Builds what predictions need. */
function forwardNodes(network: Network): number {
  const graph = new Graph();
  const images = graph.input('images', { dtype: 'float32', shape: imageShape(network, 2) });
  const vector = graph.input('parameters', { dtype: 'float32', shape: [network.parameterCount] });
  const { output } = network.forward(graph, images, slicedParameters(graph, network, vector));
  return nodesBetween([output], new Map()).length;
}

function describeEmbedding({ embedding }: ModelChoices): string {
  return embedding === '' ? 'what the last linear layer sees' : `the output ${embedding}`;
}

function judged(use: ModelUse, result: unknown, detail: string): ModelReport['uses'][number] {
  return result instanceof AppError
    ? { use, possible: false, detail: result.message }
    : { use, possible: true, detail };
}

function allRefused(detail: string): ModelReport['uses'] {
  const all: ModelUse[] = ['predict', 'embed', 'train', 'attribute', 'second-order'];
  return all.map((use) => ({ use, possible: false, detail }));
}

/** The result, or the expected error. */
function attempt<Result>(work: () => Result): Result | AppError {
  try {
    return work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
