/**
 * @file A U-Net that predicts the noise in an image (Ho et al. 2020) with about a million parameters: widths 32/64/96, GroupNorm and SiLU,
 * a time embedding, attention at the lowest resolution. bench/torch/models.py has the same in the same order of parameters.
 */
import { compile } from '../src/core/compiler/compile.ts';
import { gradients } from '../src/core/compiler/differentiate.ts';
import type { Program } from '../src/core/execution/executor.ts';
import { Graph, shapeOf, type Value } from '../src/core/graph/graph.ts';
import { layOutParameters } from '../src/core/nn/network.ts';
import { optimizerStep } from '../src/core/nn/optimizers.ts';
import { Random } from '../src/core/base/random.ts';
import {
  add,
  concat,
  conv,
  groupNorm,
  matMul,
  mean,
  mul,
  reshape,
  silu,
  slice,
  softmax,
  sub,
  upsampleNearest,
} from '../src/core/ops/build.ts';
import { elementCount, float32, type Shape } from '../src/core/tensor/tensor.ts';
import { profile } from './contenders.ts';
import type { Contender } from './speed.ts';

const widths = [32, 64, 96] as const;
const timeWidth = 128;
const groups = 8;

export interface UNetSetting {
  readonly channels: number;
  /** A multiple of 4: the map is halved twice. */
  readonly imageSize: number;
  readonly batchSize: number;
}

/** Gives each parameter's value when the network is built, and remembers the order in which they were asked for. */
type ParameterSource = (shape: Shape) => Value;

class UNet {
  readonly #graph: Graph;
  readonly #parameter: ParameterSource;

  constructor(graph: Graph, parameter: ParameterSource) {
    this.#graph = graph;
    this.#parameter = parameter;
  }

  /** images [N, C, H, W], time [N, timeWidth] → the predicted noise, like the images. */
  forward(images: Value, timeFeatures: Value): Value {
    const graph = this.#graph;
    const [a, b, c] = widths;
    const time = silu(graph, this.#linear(silu(graph, this.#linear(timeFeatures, timeWidth)), timeWidth));
    const first = this.#residual(this.#conv(images, a, 3), a, time);
    const second = this.#residual(this.#conv(first, a, 3, 2), b, time);
    const third = this.#residual(this.#conv(second, b, 3, 2), c, time);
    let x = this.#residual(this.#attention(third), c, time);
    x = this.#residual(concat(graph, [x, third], 1), c, time);
    x = this.#conv(upsampleNearest(graph, x, 2), b, 3);
    x = this.#residual(concat(graph, [x, second], 1), b, time);
    x = this.#conv(upsampleNearest(graph, x, 2), a, 3);
    x = this.#residual(concat(graph, [x, first], 1), a, time);
    return this.#normActConv(x, shapeOf(images)[1]!);
  }

  #conv(x: Value, outputs: number, kernel: number, stride = 1): Value {
    const weight = this.#parameter([outputs, shapeOf(x)[1]!, kernel, kernel]);
    const bias = this.#parameter([outputs]);
    return conv(this.#graph, x, weight, { stride, pads: (kernel - 1) / 2, bias });
  }

  #linear(x: Value, outputs: number): Value {
    const weight = this.#parameter([outputs, shapeOf(x)[1]!]);
    return add(this.#graph, matMul(this.#graph, x, weight, { transposeB: true }), this.#parameter([outputs]));
  }

  #norm(x: Value): Value {
    const channels = shapeOf(x)[1]!;
    const scale = this.#parameter([channels]);
    return groupNorm(this.#graph, x, scale, this.#parameter([channels]), groups);
  }

  #normActConv(x: Value, outputs: number): Value {
    return this.#conv(silu(this.#graph, this.#norm(x)), outputs, 3);
  }

  #residual(x: Value, outputs: number, time: Value): Value {
    const graph = this.#graph;
    const first = this.#normActConv(x, outputs);
    const shift = reshape(graph, this.#linear(time, outputs), [-1, outputs, 1, 1]);
    const second = this.#normActConv(add(graph, first, shift), outputs);
    return add(graph, shapeOf(x)[1] === outputs ? x : this.#conv(x, outputs, 1), second);
  }

  #attention(x: Value): Value {
    const graph = this.#graph;
    const [samples, channels, height, width] = shapeOf(x) as [number, number, number, number];
    const normal = this.#norm(x);
    const [query, key, value] = Array.from({ length: 3 }, () =>
      reshape(graph, this.#conv(normal, channels, 1), [samples, channels, height * width]),
    ) as [Value, Value, Value];
    const similarity = matMul(graph, query, key, { transposeA: true });
    const weights = softmax(graph, mul(graph, similarity, 1 / Math.sqrt(channels)));
    const mixed = matMul(graph, value, weights, { transposeB: true });
    return add(graph, x, this.#conv(reshape(graph, mixed, shapeOf(x)), channels, 1));
  }
}

/** One step of Adam on the mean squared error. Feeds and fetches as `trainingProgram`, and `time` [B, 128]; targets are noise. */
export function uNetContender(setting: UNetSetting, seed: number): Contender {
  const { channels, imageSize, batchSize } = setting;
  const shapes = parameterShapes(setting);
  const { parameters, parameterCount } = layOutParameters(
    shapes.map((shape, index) => ({ name: `parameter${index}`, shape })),
  );
  const random = new Random(seed, 'u-net');
  const initial = new Float32Array(parameterCount);
  for (const { shape, offset } of parameters) {
    const deviation = 1 / Math.sqrt(elementCount(shape.slice(1)));
    // One-dimensional parameters start near one, which suits scales; for shifts and biases any start will do.
    for (let index = 0; index < elementCount(shape); index++)
      initial[offset + index] = shape.length > 1 ? deviation * random.normal() : 1 + 0.1 * random.normal();
  }
  const draw = (...shape: number[]) =>
    float32(
      shape,
      new Float32Array(elementCount(shape)).map(() => random.normal()),
    );
  return {
    name: `U-Net ${channels}×${imageSize}×${imageSize}, forward, backward and Adam`,
    batchSize,
    program: uNetTraining(setting, parameters, parameterCount),
    feeds: {
      images: draw(batchSize, channels, imageSize, imageSize),
      targets: draw(batchSize, channels, imageSize, imageSize),
      time: draw(batchSize, timeWidth),
      parameters: float32([parameterCount], initial),
      optimizerState: float32([2 * parameterCount], new Float32Array(2 * parameterCount)),
      learningRate: float32([1], Float32Array.of(1e-3)),
      step: float32([1], Float32Array.of(1)),
    },
  };
}

/** Found by building the network once. */
function parameterShapes({ channels, imageSize }: UNetSetting): Shape[] {
  const shapes: Shape[] = [];
  const graph = new Graph();
  const input = (name: string, shape: Shape) => graph.input(name, { dtype: 'float32', shape });
  const network = new UNet(graph, (shape) => input(`parameter${shapes.push(shape)}`, shape));
  network.forward(input('images', [1, channels, imageSize, imageSize]), input('time', [1, timeWidth]));
  return shapes;
}

function uNetTraining(
  { channels, imageSize, batchSize }: UNetSetting,
  specs: readonly { readonly shape: Shape; readonly offset: number }[],
  parameterCount: number,
): Program {
  const graph = new Graph();
  const input = (name: string, ...shape: number[]) => graph.input(name, { dtype: 'float32', shape });
  const images = input('images', batchSize, channels, imageSize, imageSize);
  const targets = input('targets', batchSize, channels, imageSize, imageSize);
  const time = input('time', batchSize, timeWidth);
  const parameters = input('parameters', parameterCount);
  const state = input('optimizerState', 2 * parameterCount);
  const learningRate = input('learningRate', 1);
  const step = input('step', 1);
  const values = specs.map(({ shape, offset }) => {
    const range = { axis: 0, start: offset, end: offset + elementCount(shape) };
    return reshape(graph, slice(graph, parameters, [range]), shape);
  });
  const pending = values.values();
  const predicted = new UNet(graph, () => pending.next().value!).forward(images, time);
  const difference = sub(graph, predicted, targets);
  const loss = mean(graph, mul(graph, difference, difference));
  const parts = gradients(graph, loss, values).map((part) => reshape(graph, part, [-1]));
  const gradient = concat(graph, parts, 0);
  const options = { optimizer: 'adamw', momentum: 0, weightDecay: 0 } as const;
  const next = optimizerStep(graph, { parameters, gradient, state, learningRate, step }, options);
  return compile(graph, { parameters: next.parameters, optimizerState: next.state, loss }, { profile });
}
