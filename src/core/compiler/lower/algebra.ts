/** @file Lowering of matrix products, standardisation and the softmax family. */
import { floatAttribute, intAttribute } from '../../onnx/model.ts';
import type { Value } from '../../graph/graph.ts';
import { isFloat, numbersOf, sameShape, type Shape } from '../../tensor/tensor.ts';
import type { Lowering, Lowerings, LoweringSite } from './rule.ts';

/** The factor that a product with the identity leaves as it is (projections that shorten nothing); null for other products. */
function untouchedFactor({ node, inputs }: LoweringSite<'MatMul'>): string | null {
  const { transposeA, transposeB } = node.attributes;
  const kept = [1, 0].find(
    (index) => isIdentity(node.inputs[1 - index]!) && !(index === 0 ? transposeA : transposeB),
  );
  if (kept === undefined) return null;
  return sameShape(node.inputs[kept]!.type.shape, node.outputs[0]!.type.shape) ? inputs[kept]! : null;
}

function isIdentity({ source, type: { dtype, shape } }: Value): boolean {
  if (source.kind !== 'constant' || shape.length !== 2 || shape[0] !== shape[1] || !isFloat(dtype))
    return false;
  const size = shape[0]!;
  const elements = numbersOf(source.tensor);
  return elements.every((element, index) => element === (index % (size + 1) === 0 ? 1 : 0));
}

/** Two plain matrices: Gemm, which transposes for free. Batches: Transpose + MatMul, which ORT fuses. */
const matMul: Lowering<'MatMul'> = (site) => {
  const { emitter, node, inputs, attributes } = site;
  const untouched = untouchedFactor(site);
  if (untouched !== null) return [untouched];
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
