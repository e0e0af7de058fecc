/**
 * @file The built-in denoisers: U-Nets as in Ho et al. 2020, with GroupNorm, SiLU, an embedding of the time step in every block, attention at the lowest
 * resolution, and a class told beside the time where there are classes.
 */
import { assert, present } from '../../base/assert.ts';
import { Random } from '../../base/random.ts';
import { Graph, shapeOf, type Value } from '../../graph/graph.ts';
import {
  add,
  concat,
  conv,
  cos,
  globalAveragePool,
  groupNorm,
  matMul,
  mul,
  reshape,
  silu,
  sin,
  softmax,
  upsampleNearest,
} from '../../ops/build.ts';
import { elementCount, float32, type Shape } from '../../tensor/tensor.ts';
import { dropoutInputName } from '../dropout.ts';
import {
  layOutParameters,
  type DropoutSpec,
  type Forward,
  type ForwardOptions,
  type Masks,
  type Network,
  type SideInputSpec,
} from '../network.ts';

export const denoiserSizes = ['ddpm-tiny', 'ddpm-small', 'ddpm-base'] as const;
export type DenoiserSize = (typeof denoiserSizes)[number];

/** Channels at each resolution, the finest first; each next one has half the side. */
const widthsOf: Readonly<Record<DenoiserSize, readonly number[]>> = {
  'ddpm-tiny': [16, 32, 48],
  'ddpm-small': [32, 64, 96],
  'ddpm-base': [64, 128, 192, 256],
};

export interface UNetConfig {
  readonly architecture: DenoiserSize;
  readonly channels: number;
  readonly imageSize: number;
  /** 0: unconditional. */
  readonly classCount: number;
  /** Probability of dropping a channel inside a block while training; 0 leaves the masks out. */
  readonly dropout: number;
}

/** [N]: the time step of each sample, counted from 0. */
export const timeInput = 'timesteps';
/** [N, classes]: the class of each sample as one-hot; zeros: no class is told. */
export const classInput = 'condition';
/** [classes, width]: what the network learns of each class. */
export const classWeight = 'class.weight';

const GROUPS = 8;

/** Images must halve cleanly as often as there are resolutions. */
export function sizeMultiple(architecture: DenoiserSize): number {
  return 2 ** (widthsOf[architecture].length - 1);
}

type Initializer = 'uniform' | 'zeros' | 'ones';

interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
}

/** Answers the value of each parameter that the network asks for. */
type ParameterSource = (parameter: Parameter) => Value;

export function buildUNet(config: UNetConfig): Network {
  const multiple = sizeMultiple(config.architecture);
  assert(config.imageSize % multiple === 0, `the side of the images is a multiple of ${multiple}`);
  const asked = survey(config);
  const { parameters, parameterCount } = layOutParameters(asked.parameters);
  const side: SideInputSpec[] = [{ name: timeInput, shape: [] }];
  if (config.classCount > 0) side.push({ name: classInput, shape: [config.classCount] });
  return {
    inputShape: [config.channels, config.imageSize, config.imageSize],
    outputCount: config.channels * config.imageSize ** 2,
    parameters,
    parameterCount,
    dropouts: asked.dropouts,
    sideInputs: side,
    initialParameters: (seed) => {
      const vector = new Float32Array(parameterCount);
      for (const parameter of parameters) vector.set(initialValues(parameter, seed), parameter.offset);
      return vector;
    },
    forward: (graph, images, values, options) =>
      new UNetPass(graph, config, ({ name }) => present(values.get(name), name), options?.masks).run(
        images,
        options,
      ),
  };
}

/** The parameters and masks, in the order in which a pass asks for them. */
function survey(config: UNetConfig): { parameters: Parameter[]; dropouts: DropoutSpec[] } {
  const graph = new Graph();
  const parameters: Parameter[] = [];
  const input = (name: string, shape: Shape): Value => graph.input(name, { dtype: 'float32', shape });
  const pass = new UNetPass(graph, config, (parameter) => {
    parameters.push(parameter);
    return input(parameter.name, parameter.shape);
  });
  const { channels, imageSize, classCount } = config;
  const side = new Map([[timeInput, input(timeInput, [1])]]);
  if (classCount > 0) side.set(classInput, input(classInput, [1, classCount]));
  pass.run(input('images', [1, channels, imageSize, imageSize]), { side });
  return { parameters, dropouts: pass.dropouts };
}

function initialValues({ name, shape, initializer }: Parameter, seed: number): Float32Array {
  const values = new Float32Array(elementCount(shape));
  if (initializer === 'zeros') return values;
  if (initializer === 'ones') return values.fill(1);
  const random = new Random(seed, `initial/${name}`);
  const bound = 1 / Math.sqrt(elementCount(shape.slice(1)));
  return values.map(() => (2 * random.uniform() - 1) * bound);
}

class UNetPass {
  readonly dropouts: DropoutSpec[] = [];
  readonly #graph: Graph;
  readonly #config: UNetConfig;
  readonly #parameter: ParameterSource;
  readonly #masks: Masks | undefined;
  readonly #widths: readonly number[];
  readonly #timeWidth: number;

  constructor(graph: Graph, config: UNetConfig, parameter: ParameterSource, masks?: Masks) {
    this.#graph = graph;
    this.#config = config;
    this.#parameter = parameter;
    this.#masks = masks;
    this.#widths = widthsOf[config.architecture];
    this.#timeWidth = 4 * this.#widths[0]!;
  }

  run(images: Value, { side }: ForwardOptions = {}): Forward {
    const graph = this.#graph;
    const time = silu(graph, this.#timeEmbedding(side));
    const kept: Value[] = [];
    let x = images;
    for (const [level, width] of this.#widths.entries()) {
      x = this.#conv(`down${level}.in`, x, width, 3, level === 0 ? 1 : 2);
      x = this.#residual(`down${level}.block`, x, width, time);
      kept.push(x);
    }
    const lowest = this.#widths.at(-1)!;
    x = this.#residual('middle.block', this.#attention('middle.attention', x), lowest, time);
    const embedding = reshape(graph, globalAveragePool(graph, x), [-1, lowest]);
    for (let level = this.#widths.length - 1; level >= 0; level--) {
      const width = this.#widths[level]!;
      x = this.#residual(`up${level}.block`, concat(graph, [x, kept[level]!], 1), width, time);
      if (level === 0) break;
      x = this.#conv(`up${level}.out`, upsampleNearest(graph, x, 2), this.#widths[level - 1]!, 3);
    }
    const last = silu(graph, this.#norm('out.norm', x));
    return { output: this.#conv('out', last, this.#config.channels, 3, 1, 'zeros'), embedding };
  }

  /** Sines and cosines of the step at frequencies from 1 down to 1/10000, then two layers; a class's vector is added. */
  #timeEmbedding(side: ForwardOptions['side']): Value {
    const graph = this.#graph;
    const half = this.#widths[0]!;
    const frequencies = Float32Array.from({ length: half }, (_, index) => 10_000 ** (-index / half));
    const steps = reshape(graph, present(side?.get(timeInput), timeInput), [-1, 1]);
    const angles = mul(graph, steps, graph.constant(float32([1, half], frequencies)));
    const waves = concat(graph, [sin(graph, angles), cos(graph, angles)], 1);
    const hidden = silu(graph, this.#linear('time.in', waves, this.#timeWidth));
    const time = this.#linear('time.out', hidden, this.#timeWidth);
    if (this.#config.classCount === 0) return time;
    const weight = this.#parameter({
      name: classWeight,
      shape: [this.#config.classCount, this.#timeWidth],
      initializer: 'uniform',
    });
    return add(graph, time, matMul(graph, present(side?.get(classInput), classInput), weight));
  }

  #conv(
    name: string,
    x: Value,
    outputs: number,
    kernel: number,
    stride = 1,
    initializer: Initializer = 'uniform',
  ): Value {
    const shape = [outputs, shapeOf(x)[1]!, kernel, kernel];
    const weight = this.#parameter({ name: `${name}.weight`, shape, initializer });
    const bias = this.#parameter({ name: `${name}.bias`, shape: [outputs], initializer: 'zeros' });
    return conv(this.#graph, x, weight, { stride, pads: (kernel - 1) / 2, bias });
  }

  #linear(name: string, x: Value, outputs: number): Value {
    const shape = [outputs, shapeOf(x)[1]!];
    const weight = this.#parameter({ name: `${name}.weight`, shape, initializer: 'uniform' });
    const bias = this.#parameter({ name: `${name}.bias`, shape: [outputs], initializer: 'zeros' });
    return add(this.#graph, matMul(this.#graph, x, weight, { transposeB: true }), bias);
  }

  #norm(name: string, x: Value): Value {
    const shape = [shapeOf(x)[1]!];
    const scale = this.#parameter({ name: `${name}.scale`, shape, initializer: 'ones' });
    const shift = this.#parameter({ name: `${name}.shift`, shape, initializer: 'zeros' });
    return groupNorm(this.#graph, x, scale, shift, GROUPS);
  }

  /** The last convolution starts at zero, so that every block starts as the identity. */
  #residual(name: string, x: Value, outputs: number, time: Value): Value {
    const graph = this.#graph;
    const first = this.#conv(`${name}.conv1`, silu(graph, this.#norm(`${name}.norm1`, x)), outputs, 3);
    const shift = reshape(graph, this.#linear(`${name}.time`, time, outputs), [-1, outputs, 1, 1]);
    const inner = silu(graph, this.#norm(`${name}.norm2`, add(graph, first, shift)));
    const second = this.#conv(`${name}.conv2`, this.#dropped(name, inner), outputs, 3, 1, 'zeros');
    const straight = shapeOf(x)[1] === outputs ? x : this.#conv(`${name}.skip`, x, outputs, 1);
    return add(graph, straight, second);
  }

  #dropped(name: string, x: Value): Value {
    const { dropout: rate } = this.#config;
    if (rate === 0) return x;
    const inputName = dropoutInputName(name);
    this.dropouts.push({ inputName, shape: [shapeOf(x)[1]!, 1, 1], rate });
    const mask = this.#masks?.get(inputName);
    return mask === undefined ? x : mul(this.#graph, x, mask);
  }

  #attention(name: string, x: Value): Value {
    const graph = this.#graph;
    const [samples, channels, height, width] = shapeOf(x) as [number, number, number, number];
    const normal = this.#norm(`${name}.norm`, x);
    const flat = (part: string): Value =>
      reshape(graph, this.#conv(`${name}.${part}`, normal, channels, 1), [samples, channels, height * width]);
    const [query, key, value] = [flat('query'), flat('key'), flat('value')];
    const similarity = matMul(graph, query, key, { transposeA: true });
    const weights = softmax(graph, mul(graph, similarity, 1 / Math.sqrt(channels)));
    const mixed = reshape(graph, matMul(graph, value, weights, { transposeB: true }), shapeOf(x));
    return add(graph, x, this.#conv(`${name}.out`, mixed, channels, 1, 1, 'zeros'));
  }
}
