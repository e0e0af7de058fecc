/** @file Lowering of matrix products, standardisation and the softmax family. */
import { floatAttribute, intAttribute } from '../../onnx/model.ts';
import type { Shape } from '../../tensor/tensor.ts';
import type { Lowering, Lowerings } from './rule.ts';

/** Two plain matrices: Gemm, which transposes for free. Batches: Transpose + MatMul, which ORT fuses. */
const matMul: Lowering<'MatMul'> = ({ emitter, node, inputs, attributes }) => {
  const { transposeA, transposeB } = attributes;
  const shapes = node.inputs.map((input) => input.type.shape);
  if (!transposeA && !transposeB) return [emitter.emit('MatMul', inputs)];
  if (shapes.every((shape) => shape.length === 2)) {
    return [
      emitter.emit('Gemm', inputs, {
        transA: intAttribute(transposeA ? 1 : 0),
        transB: intAttribute(transposeB ? 1 : 0),
      }),
    ];
  }
  const a = transposeA ? emitter.transpose(inputs[0]!, swapLast(shapes[0]!)) : inputs[0]!;
  const b = transposeB ? emitter.transpose(inputs[1]!, swapLast(shapes[1]!)) : inputs[1]!;
  return [emitter.emit('MatMul', [a, b])];
};

function swapLast(shape: Shape): number[] {
  const rank = shape.length;
  return shape.map((_, axis) => (axis < rank - 2 ? axis : rank - 1 - (axis - (rank - 2))));
}

/** LayerNormalization without scale; its third output is 1/√(variance + ε). */
const standardize: Lowering<'Standardize'> = ({ emitter, node, inputs, attributes }) => {
  const { dtype, shape } = node.inputs[0]!.type;
  const ones = emitter.filled(dtype, [shape.at(-1)!], 1);
  const [normalised, , inverseDeviation] = emitter.emitAll(
    'LayerNormalization',
    [inputs[0]!, ones],
    { axis: intAttribute(-1), epsilon: floatAttribute(attributes.epsilon) },
    3,
  );
  return [normalised!, inverseDeviation!];
};

export const algebraLowerings = {
  MatMul: matMul,
  Standardize: standardize,
  Softmax: ({ emitter, inputs }) => [emitter.emit('Softmax', inputs, { axis: intAttribute(-1) })],
  LogSoftmax: ({ emitter, inputs }) => [emitter.emit('LogSoftmax', inputs, { axis: intAttribute(-1) })],
} satisfies Partial<Lowerings>;
