/**
 * @file Weights that a file keeps as small integers become float32 initializers again, under the name of what dequantised them. Weights that
 * are rounded and widened at once (as after training for quantisation) become what the rounding makes of them.
 */
import type { OnnxModel, OnnxNode } from '../model.ts';
import {
  float32,
  isFloat,
  numbersOf,
  tensorOf,
  type DType,
  type Shape,
  type Tensor,
} from '../../tensor/tensor.ts';
import { elementCount } from '../../tensor/tensor.ts';
import { normalizeAxis } from '../../tensor/shape.ts';

type Tensors = ReadonlyMap<string, Tensor>;

/** The same model; what dequantises an activation, or has a scale that is not known, stays. */
export function dequantizeWeights(model: OnnxModel): OnnxModel {
  const initializers = new Map(model.initializers);
  const rounded = new Map<string, Tensor>();
  const nodes = model.nodes.filter((node) => {
    const output = node.outputs[0] ?? '';
    if (node.opType === 'QuantizeLinear') {
      const tensor = quantized(node, initializers);
      if (tensor !== null) rounded.set(output, tensor);
    } else if (node.opType === 'DequantizeLinear') {
      const stored = initializers.get(node.inputs[0]!) ?? rounded.get(node.inputs[0]!);
      const tensor = stored === undefined ? null : dequantized(node, stored, initializers);
      if (tensor === null) return true;
      initializers.set(output, tensor);
      return false;
    }
    return true;
  });
  return { ...model, nodes, initializers };
}

/** (stored − zero)·scale; null where scale or zero are not known. */
function dequantized(node: OnnxNode, stored: Tensor, known: Tensors): Tensor | null {
  const steps = stepsOf(node, stored.shape, known);
  if (steps === null) return null;
  const numbers = numbersOf(stored);
  const { scale, zero, stepOf } = steps;
  return float32(
    stored.shape,
    Float32Array.from(numbers, (number, index) => (number - zero[stepOf(index)]!) * scale[stepOf(index)]!),
  );
}

const RANGES: Partial<Record<DType, readonly [number, number]>> = { uint8: [0, 255], int8: [-128, 127] };

/** Rounded to the nearest step, halves to the even one, and cut to what the integers hold; null for what is no weight. */
function quantized(node: OnnxNode, known: Tensors): Tensor | null {
  const weight = known.get(node.inputs[0]!);
  const steps = weight === undefined ? null : stepsOf(node, weight.shape, known);
  if (weight === undefined || steps === null || !isFloat(weight.dtype)) return null;
  const dtype = known.get(node.inputs[2] ?? '')?.dtype ?? 'uint8';
  const [low, high] = RANGES[dtype] ?? [-Infinity, Infinity];
  const { scale, zero, stepOf } = steps;
  const numbers = numbersOf(weight).map((number, index) => {
    const level = roundHalfEven(number / scale[stepOf(index)]!) + zero[stepOf(index)]!;
    return Math.min(Math.max(level, low), high);
  });
  return tensorOf(dtype, weight.shape, numbers);
}

function roundHalfEven(number: number): number {
  const up = Math.floor(number + 0.5);
  return up - number === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

interface Steps {
  readonly scale: Float64Array;
  readonly zero: Float64Array;
  /** Which of them an element belongs to. */
  readonly stepOf: (flatIndex: number) => number;
}

/** One step for all, one per position along an axis, or one per block of neighbours along it. */
function stepsOf({ inputs, attributes }: OnnxNode, shape: Shape, known: Tensors): Steps | null {
  const scale = known.get(inputs[1] ?? '');
  const zeroName = inputs[2] ?? '';
  const stored = known.get(zeroName);
  if (scale === undefined || (zeroName !== '' && stored === undefined)) return null;
  const int = (name: string, otherwise: number): number => {
    const found = attributes.get(name);
    return found?.kind === 'int' ? found.value : otherwise;
  };
  const numbers = numbersOf(scale);
  const zero = stored === undefined ? new Float64Array(numbers.length) : numbersOf(stored);
  if (numbers.length === 1) return { scale: numbers, zero, stepOf: () => 0 };
  const axis = normalizeAxis(int('axis', 1), shape.length);
  const blocked = int('block_size', 0);
  return {
    scale: numbers,
    zero,
    stepOf: blocked === 0 ? alongAxis(shape, axis) : inBlocks(shape, axis, blocked),
  };
}

function alongAxis(shape: Shape, axis: number): Steps['stepOf'] {
  const [extent, inner] = [shape[axis]!, elementCount(shape.slice(axis + 1))];
  return (flat) => Math.floor(flat / inner) % extent;
}

function inBlocks(shape: Shape, axis: number, size: number): Steps['stepOf'] {
  const [extent, inner] = [shape[axis]!, elementCount(shape.slice(axis + 1))];
  const blocks = Math.ceil(extent / size);
  return (flat) => {
    const line = Math.floor(flat / inner);
    const [outer, position] = [Math.floor(line / extent), line % extent];
    return (outer * blocks + Math.floor(position / size)) * inner + (flat % inner);
  };
}
