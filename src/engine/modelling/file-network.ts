/** @file A model file as a network: what was chosen about it, built anew in the graph of every program that uses it. */
import { AppError } from '../../core/base/app-error.ts';
import { present } from '../../core/base/assert.ts';
import { Random } from '../../core/base/random.ts';
import { copyInto } from '../../core/compiler/copy-graph.ts';
import { shapeOf, type Graph, type Value } from '../../core/graph/graph.ts';
import {
  layOutParameters,
  type Forward,
  type Network,
  type Parameters,
  type ParameterSpec,
} from '../../core/nn/network.ts';
import { importModel } from '../../core/onnx/import/import-model.ts';
import type { ImportedModel } from '../../core/onnx/import/imported-model.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import { add, gather, int64Constant, matMul, transpose } from '../../core/ops/build.ts';
import { elementCount, type Shape } from '../../core/tensor/tensor.ts';
import { firstValues, parametersOf, trainedWeights, weightSubstitutes } from './file-parameters.ts';
import { imageInputShape } from './image-input.ts';
import type { FileNetwork } from './network-description.ts';
import { lastLayerInput, logitsSource, softmaxBehind, toEmbedding, toLogits } from './network-head.ts';

/** Extents of one have meanings of their own in many files, so that one image tells less about a model than two. */
const PROBE_BATCH = 2;

const HEAD_WEIGHT = 'new-head.weight';
const HEAD_BIAS = 'new-head.bias';

/** Throws what `importModel` throws, and `model-choice-invalid` where the choices do not fit the file. */
export function fileNetwork(model: OnnxModel, description: FileNetwork): Network {
  return new BuiltFromFile(model, description).network();
}

/** The values of the imported graph that a network is made from. */
interface Ends {
  readonly imported: ImportedModel;
  readonly image: Value;
  /** null: a new head takes its place. */
  readonly logits: Value | null;
  readonly embedding: Value;
}

class BuiltFromFile {
  readonly #model: OnnxModel;
  readonly #description: FileNetwork;
  /** The newest import and its batch size. */
  #ends: { readonly batchSize: number; readonly ends: Ends } | null = null;

  constructor(model: OnnxModel, description: FileNetwork) {
    this.#model = model;
    this.#description = description;
  }

  network(): Network {
    const { channels, imageSize, columns, newHead } = this.#description;
    const ends = this.#endsAt(PROBE_BATCH);
    const weights = this.#trainedWeights(ends);
    const { parameters, parameterCount } = layOutParameters(this.#parameters(ends, weights));
    const ownCount = ends.logits === null ? 0 : elementCount(shapeOf(ends.logits).slice(1));
    return {
      inputShape: [channels, imageSize, imageSize],
      outputCount: newHead ?? columns?.length ?? ownCount,
      parameters,
      parameterCount,
      dropouts: [],
      initialParameters: (seed) => initialVector(parameters, parameterCount, weights, seed),
      forward: (graph, images, values) => this.#forward(graph, images, values),
    };
  }

  #endsAt(batchSize: number): Ends {
    if (this.#ends?.batchSize === batchSize) return this.#ends.ends;
    const ends = findEnds(this.#model, this.#description, batchSize);
    this.#ends = { batchSize, ends };
    return ends;
  }

  /** The chosen parameters that are still there once the head is replaced. */
  #trainedWeights({ imported, logits, embedding }: Ends): Map<string, Value> {
    const kept = [...(logits === null ? [] : [logits]), embedding];
    return trainedWeights(imported, kept, this.#description);
  }

  #parameters({ embedding }: Ends, weights: ReadonlyMap<string, Value>): Omit<ParameterSpec, 'offset'>[] {
    const { newHead } = this.#description;
    const own = parametersOf(weights, this.#description);
    if (newHead === null) return own;
    return [
      ...own,
      { name: HEAD_WEIGHT, shape: [newHead, embeddingWidth(embedding)] },
      { name: HEAD_BIAS, shape: [newHead] },
    ];
  }

  #forward(graph: Graph, images: Value, parameters: Parameters): Forward {
    const { layout, newHead, columns, outputKind } = this.#description;
    const ends = this.#endsAt(shapeOf(images)[0]!);
    const { imported, image } = ends;
    const substitutes = new Map([
      [image, layout === 'nchw' ? images : transpose(graph, images, [0, 2, 3, 1])],
      ...weightSubstitutes(graph, this.#trainedWeights(ends), parameters, this.#description),
    ]);
    if (ends.logits === null) {
      const [inner] = copyInto(graph, [ends.embedding], substitutes);
      const embedding = toEmbedding(graph, inner!);
      return { embedding, output: newHeadOf(graph, embedding, parameters) };
    }
    const [logits, inner] = copyInto(graph, [ends.logits, ends.embedding], substitutes);
    const output = imported.outputs.get(this.#description.output)!;
    const areProbabilities = outputKind === 'probabilities' && softmaxBehind(output) === null;
    const all = toLogits(graph, logits!, areProbabilities);
    return {
      embedding: toEmbedding(graph, inner!),
      output:
        columns === null || newHead !== null ? all : gather(graph, all, int64Constant(graph, columns), 1),
    };
  }
}

function newHeadOf(graph: Graph, embedding: Value, parameters: Parameters): Value {
  const weight = present(parameters.get(HEAD_WEIGHT), HEAD_WEIGHT);
  const bias = present(parameters.get(HEAD_BIAS), HEAD_BIAS);
  return add(graph, matMul(graph, embedding, weight, { transposeB: true }), bias);
}

function embeddingWidth(value: Value): number {
  const shape = shapeOf(value);
  // Of a map [N, C, H, W] the channels are left, of a sequence [N, T, D] the width.
  if (shape.length === 4) return shape[1]!;
  return shape.length === 3 ? shape[2]! : elementCount(shape.slice(1));
}

function findEnds(model: OnnxModel, description: FileNetwork, batchSize: number): Ends {
  const { input, output, outputKind, embedding, imageSize, newHead } = description;
  const inputShapes = new Map<string, Shape>([[input, imageInputShape(description, batchSize, imageSize)]]);
  const imported = importModel(model, {
    inputShapes,
    outputs: [...new Set([output, ...(embedding === null ? [] : [embedding])])],
  });
  const image = imported.inputs.get(input);
  if (image === undefined)
    throw new AppError('model-choice-invalid', {
      reason: `The output ${output} does not depend on the image`,
    });
  const logits = logitsSource(present(imported.outputs.get(output), output), outputKind);
  return {
    imported,
    image,
    logits: newHead === null ? logits : null,
    embedding:
      embedding === null ? lastLayerInput(logits) : present(imported.outputs.get(embedding), embedding),
  };
}

function initialVector(
  parameters: readonly ParameterSpec[],
  length: number,
  weights: ReadonlyMap<string, Value>,
  seed: number,
): Float32Array<ArrayBuffer> {
  const vector = new Float32Array(length);
  for (const parameter of parameters) vector.set(initialValues(parameter, weights, seed), parameter.offset);
  return vector;
}

function initialValues(
  parameter: ParameterSpec,
  weights: ReadonlyMap<string, Value>,
  seed: number,
): ArrayLike<number> {
  if (parameter.name === HEAD_BIAS) return [];
  if (parameter.name !== HEAD_WEIGHT) return firstValues(parameter, weights, seed);
  // As the heads of the built-in networks: small logits, so that training starts near the loss of guessing.
  const random = new Random(seed, `initial/${HEAD_WEIGHT}`);
  const bound = 1 / Math.sqrt(parameter.shape[1]!);
  return Float32Array.from(
    { length: elementCount(parameter.shape) },
    () => (2 * random.uniform() - 1) * bound,
  );
}
