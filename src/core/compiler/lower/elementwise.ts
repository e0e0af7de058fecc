/** @file Lowering of the element-wise operators: ONNX has nearly all of them under the same name. */
import type { Value } from '../../graph/graph.ts';
import type { OpName } from '../../graph/op-attributes.ts';
import { floatAttribute, intAttribute } from '../../onnx/model.ts';
import { elementTypeCodes } from '../../onnx/schema.ts';
import { broadcastShapes } from '../../tensor/shape.ts';
import { sameShape } from '../../tensor/tensor.ts';
import type { Lowering, Lowerings, LoweringSite } from './rule.ts';

/** The ONNX operator of the same name, no attributes. */
function same<Op extends OpName>({ emitter, node, inputs }: LoweringSite<Op>): readonly string[] {
  return [emitter.emit(node.op, inputs)];
}

/** Gradients broadcast by Expand; where the operator itself would broadcast, the expanded copy is never made. */
function sourceOfExpand(value: Value): Value {
  const { source } = value;
  return source.kind === 'node' && source.node.op === 'Expand' ? source.node.inputs[0]! : value;
}

function broadcasting<Op extends OpName>({ emitter, node, nameOf }: LoweringSite<Op>): readonly string[] {
  const values = [...node.inputs];
  const shape = node.outputs[0]!.type.shape;
  for (const [index, value] of values.entries()) {
    const trial = values.with(index, sourceOfExpand(value));
    if (sameShape(broadcastShapes(...trial.map((operand) => operand.type.shape)), shape)) {
      values[index] = trial[index]!;
    }
  }
  return [emitter.emit(node.op, values.map(nameOf))];
}

const cast: Lowering<'Cast'> = ({ emitter, inputs, attributes }) => [
  emitter.emit('Cast', inputs, { to: intAttribute(elementTypeCodes[attributes.to]) }),
];

/**
 * In one pass: HardSigmoid is clamp(slope·x, 0, 1), which with float32's largest slope is 0 or 1 for all but denormal numbers. Other
 * types take Cast(x > 0), two passes.
 */
const reluMask: Lowering<'ReluMask'> = ({ emitter, node, inputs }) => {
  const { dtype } = node.inputs[0]!.type;
  if (dtype === 'float32') {
    return [emitter.emit('HardSigmoid', inputs, { alpha: floatAttribute(3e38), beta: floatAttribute(0) })];
  }
  const positive = emitter.emit('Greater', [inputs[0]!, emitter.filled(dtype, [], 0)]);
  return [emitter.emit('Cast', [positive], { to: intAttribute(elementTypeCodes[dtype]) })];
};

const clip: Lowering<'Clip'> = ({ emitter, node, inputs, attributes }) => {
  const bound = (number: number) =>
    Number.isFinite(number) ? emitter.filled(node.inputs[0]!.type.dtype, [], number) : '';
  const bounds = [bound(attributes.low), bound(attributes.high)];
  return [emitter.emit('Clip', [inputs[0]!, ...(bounds[1] === '' ? bounds.slice(0, 1) : bounds)])];
};

export const elementwiseLowerings = {
  Add: broadcasting,
  Sub: broadcasting,
  Mul: broadcasting,
  Div: broadcasting,
  Pow: broadcasting,
  Max: broadcasting,
  Min: broadcasting,
  Neg: same,
  Abs: same,
  Sign: same,
  Exp: same,
  Log: same,
  Sqrt: same,
  Reciprocal: same,
  Sigmoid: same,
  Tanh: same,
  Erf: same,
  Floor: same,
  Sin: same,
  Cos: same,
  Relu: same,
  Clip: clip,
  ReluMask: reluMask,
  StopGradient: ({ inputs }) => inputs,
  Cast: cast,
  Equal: broadcasting,
  Greater: broadcasting,
  GreaterOrEqual: broadcasting,
  Less: broadcasting,
  LessOrEqual: broadcasting,
  And: broadcasting,
  Or: broadcasting,
  Not: same,
  Where: broadcasting,
} satisfies Partial<Lowerings>;
