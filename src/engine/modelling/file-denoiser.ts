/** @file A denoiser's file as a network: what was chosen about it, built anew in the graph of every program that uses it. */
import { AppError } from '../../core/base/app-error.ts';
import { present } from '../../core/base/assert.ts';
import { copyInto, nodesBetween } from '../../core/compiler/copy-graph.ts';
import { shapeOf, type Graph, type Value } from '../../core/graph/graph.ts';
import { classInput, timeInput } from '../../core/nn/denoiser/u-net.ts';
import {
  layOutParameters,
  type Forward,
  type ForwardOptions,
  type Network,
  type Parameters,
} from '../../core/nn/network.ts';
import { importModel } from '../../core/onnx/import/import-model.ts';
import type { ImportedModel } from '../../core/onnx/import/imported-model.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import {
  add,
  cast,
  constant,
  flatten,
  matMul,
  mean,
  mul,
  reshape,
  slice,
  sub,
  sum,
  transpose,
} from '../../core/ops/build.ts';
import { elementCount, type Shape, type TensorType } from '../../core/tensor/tensor.ts';
import type { ConditionInput } from './denoiser-inputs.ts';
import type { DenoiserFile } from './denoiser-file.ts';
import { firstValues, parametersOf, trainedWeights, weightSubstitutes } from './file-parameters.ts';
import { imageInputShape } from './image-input.ts';
import { timestepName, withTimestepPerImage } from './timestep-per-image.ts';

/** Extents of one have meanings of their own in many files, so that one image tells less about a model than two. */
const PROBE_BATCH = 2;

/**
 * `embeddings`: those of all classes that the file was given, one after another; read where the description names them. Throws what `importModel` throws,
 * and `model-choice-invalid` where the choices do not fit the file.
 */
export function fileDenoiser(
  model: OnnxModel,
  description: DenoiserFile,
  embeddings: Float32Array | null = null,
): Network {
  return new DenoiserFromFile(model, description, embeddings).network();
}

/** The values of the imported graph that a network is made from. */
interface Ends {
  readonly imported: ImportedModel;
  readonly image: Value;
  readonly timestep: Value;
  readonly condition: Value | null;
  readonly output: Value;
  /** [N, C, h, w]; null: there are no maps. */
  readonly lowestMap: Value | null;
}

class DenoiserFromFile {
  readonly #model: OnnxModel;
  readonly #description: DenoiserFile;
  readonly #embeddings: Float32Array | null;
  /** The newest import and its batch size. */
  #ends: { readonly batchSize: number; readonly ends: Ends } | null = null;

  constructor(model: OnnxModel, description: DenoiserFile, embeddings: Float32Array | null) {
    this.#model = withTimestepPerImage(model, description.timestep);
    this.#description = description;
    this.#embeddings = embeddings;
  }

  network(): Network {
    const { channels, imageSize, condition } = this.#description;
    const ends = this.#endsAt(PROBE_BATCH);
    const weights = this.#weights(ends);
    const { parameters, parameterCount } = layOutParameters(parametersOf(weights, this.#description));
    if (parameterCount === 0)
      throw new AppError('model-choice-invalid', {
        reason: 'None of the chosen parameters can be trained: adapters want matrices or kernels',
      });
    const told = condition === null ? [] : [{ name: classInput, shape: toldShape(condition) }];
    return {
      inputShape: [channels, imageSize, imageSize],
      outputCount: channels * imageSize ** 2,
      parameters,
      parameterCount,
      dropouts: [],
      sideInputs: [{ name: timeInput, shape: [] }, ...told],
      initialParameters: (seed) => {
        const vector = new Float32Array(parameterCount);
        for (const parameter of parameters)
          vector.set(firstValues(parameter, weights, seed), parameter.offset);
        return vector;
      },
      forward: (graph, images, values, options) => this.#forward(graph, images, values, options),
    };
  }

  #endsAt(batchSize: number): Ends {
    if (this.#ends?.batchSize === batchSize) return this.#ends.ends;
    const ends = findEnds(this.#model, this.#description, batchSize);
    this.#ends = { batchSize, ends };
    return ends;
  }

  #weights({ imported, output }: Ends): Map<string, Value> {
    return trainedWeights(imported, [output], this.#description);
  }

  #forward(graph: Graph, images: Value, parameters: Parameters, { side }: ForwardOptions = {}): Forward {
    const { layout, channels, condition } = this.#description;
    const ends = this.#endsAt(shapeOf(images)[0]!);
    const told = (name: string): Value => present(side?.get(name), name);
    const substitutes = new Map([
      [ends.image, layout === 'nchw' ? images : transpose(graph, images, [0, 2, 3, 1])],
      [ends.timestep, shaped(graph, told(timeInput), ends.timestep.type)],
      ...weightSubstitutes(graph, this.#weights(ends), parameters, this.#description),
    ]);
    if (ends.condition !== null && condition !== null) {
      const given = told(classInput);
      const rows = condition.kind === 'text' ? given : toldRows(graph, given, condition, this.#embeddings);
      substitutes.set(ends.condition, shaped(graph, rows, ends.condition.type));
    }
    const wanted = ends.lowestMap === null ? [ends.output] : [ends.output, ends.lowestMap];
    const [said, map] = copyInto(graph, wanted, substitutes);
    const planes = layout === 'nchw' ? said! : transpose(graph, said!, [0, 3, 1, 2]);
    return {
      // What lies behind the channels of the image is the variance, of models that learn it.
      output: slice(graph, planes, [{ axis: 1, start: 0, end: channels }]),
      embedding: map === undefined ? flatten(graph, planes) : mean(graph, map, { axes: [2, 3] }),
    };
  }
}

/** One number for each image, as the file's input wants it. */
function shaped(graph: Graph, value: Value, { dtype, shape }: TensorType): Value {
  return cast(graph, reshape(graph, value, shape), dtype);
}

type Condition = NonNullable<DenoiserFile['condition']>;

/** Of one image: a place for each class, or what a text encoder says. */
function toldShape({ kind, shape, labels }: Condition): Shape {
  return kind === 'text' ? shape : [labels.length];
}

/** What the file is told of one-hot classes [N, K], a row for each image. */
function toldRows(
  graph: Graph,
  classes: Value,
  condition: Condition,
  embeddings: Float32Array | null,
): Value {
  const { labels, absentClass } = condition;
  const table = labels.map((label) => rowOf(label, condition, embeddings));
  const width = table[0]!.length;
  const rows = constant(graph, [labels.length, width], Float32Array.from(table.flat()));
  const told = matMul(graph, classes, rows);
  if (absentClass === null) return told;
  const absent = constant(graph, [1, width], rowOf(absentClass, condition, embeddings));
  const isAbsent = sub(graph, 1, sum(graph, classes, { axes: [1], keepDims: true }));
  return add(graph, told, mul(graph, isAbsent, absent));
}

/** What the file is told of one class. */
function rowOf(label: number, { kind, shape }: Condition, embeddings: Float32Array | null): number[] {
  const size = elementCount(shape);
  if (kind === 'number') return [label];
  if (kind === 'one-hot') return Array.from({ length: size }, (_, place) => (place === label ? 1 : 0));
  return Array.from(present(embeddings, 'embeddings').subarray(label * size, (label + 1) * size));
}

function findEnds(model: OnnxModel, description: DenoiserFile, batchSize: number): Ends {
  const { output, condition, imageSize } = description;
  const imported = importModel(model, {
    inputShapes: denoiserInputShapes(model, description, batchSize, imageSize),
    outputs: [output],
  });
  const inputOf = (name: string): Value => {
    const value = imported.inputs.get(name);
    if (value !== undefined) return value;
    throw new AppError('model-choice-invalid', { reason: `The output ${output} does not depend on ${name}` });
  };
  const said = present(imported.outputs.get(output), output);
  return {
    imported,
    image: inputOf(description.input),
    timestep: inputOf(timestepName(model, description.timestep)),
    condition: condition === null ? null : inputOf(condition.input),
    output: said,
    lowestMap: lowestMap(said, batchSize),
  };
}

/** The shapes of the inputs of a file whose step of time has an extent for the images. */
export function denoiserInputShapes(
  model: OnnxModel,
  {
    input,
    timestep,
    condition,
    ...image
  }: Pick<DenoiserFile, 'input' | 'timestep' | 'layout' | 'channels'> & {
    readonly condition: ConditionInput | null;
  },
  batchSize: number,
  side: number,
): Map<string, Shape> {
  const time = timestepName(model, timestep);
  const shapes = new Map<string, Shape>([
    [input, imageInputShape(image, batchSize, side)],
    [time, oneEach(model, time, batchSize)],
  ]);
  if (condition !== null) {
    const { input: name, kind, shape } = condition;
    shapes.set(name, kind === 'number' ? oneEach(model, name, batchSize) : [batchSize, ...shape]);
  }
  return shapes;
}

/** [N], or [N, 1] where the file says so. */
function oneEach({ inputs }: OnnxModel, name: string, batchSize: number): Shape {
  return inputs.get(name)?.shape?.length === 2 ? [batchSize, 1] : [batchSize];
}

/** The last of the smallest maps that a convolution makes: in a U-Net the lowest level, where images are told apart by what they show. */
function lowestMap(output: Value, batchSize: number): Value | null {
  const maps = nodesBetween([output], new Map())
    .filter(({ op }) => op === 'Conv')
    .map(({ outputs }) => outputs[0]!)
    .filter((map) => shapeOf(map)[0] === batchSize);
  const areas = maps.map((map) => elementCount(shapeOf(map).slice(2)));
  const smallest = areas.lastIndexOf(Math.min(...areas));
  return maps[smallest] ?? null;
}
