/** @file Lowering of the operators that move elements. */
import { elementCount } from '../../tensor/tensor.ts';
import { intAttribute, stringAttribute } from '../../onnx/model.ts';
import type { Lowering, Lowerings } from './rule.ts';

/** Only the axes that are really cut are named. */
const slice: Lowering<'Slice'> = ({ emitter, node, inputs, attributes }) => {
  const { shape } = node.inputs[0]!.type;
  const axes = shape.flatMap((extent, axis) => {
    const whole =
      attributes.starts[axis] === 0 && attributes.ends[axis] === extent && attributes.steps[axis] === 1;
    return whole ? [] : [axis];
  });
  if (axes.length === 0) return inputs;
  const starts = axes.map((axis) => attributes.starts[axis]!);
  // ONNX counts a negative end from the back, so "past the first" is one extent further down.
  const ends = axes.map((axis) => (attributes.ends[axis]! < 0 ? -1 - shape[axis]! : attributes.ends[axis]!));
  const steps = axes.map((axis) => attributes.steps[axis]!);
  const operands = [starts, ends, axes, steps].map((values) => emitter.int64s(values));
  return [emitter.emit('Slice', [inputs[0]!, ...operands])];
};

const pad: Lowering<'Pad'> = ({ emitter, node, inputs, attributes }) => {
  const { before, after, value } = attributes;
  if ([...before, ...after].every((width) => width === 0)) return inputs;
  const { dtype } = node.inputs[0]!.type;
  return [
    emitter.emit(
      'Pad',
      [inputs[0]!, emitter.int64s([...before, ...after]), emitter.filled(dtype, [], value)],
      { mode: stringAttribute('constant') },
    ),
  ];
};

/**
 * ScatterElements over [outer, axis, inner] with the indices spread over outer and inner. ScatterND would take the indices as they
 * are, but adds in parallel, so that equal indices would make a run unrepeatable.
 */
const scatterAdd: Lowering<'ScatterAdd'> = ({ emitter, node, inputs, attributes }) => {
  const { axis, shape } = attributes;
  const { dtype } = node.inputs[0]!.type;
  const indexCount = elementCount(node.inputs[1]!.type.shape);
  const outer = elementCount(shape.slice(0, axis));
  const inner = elementCount(shape.slice(axis + 1));
  const zeros = emitter.emit('Expand', [
    emitter.filled(dtype, [1, 1, 1], 0),
    emitter.int64s([outer, shape[axis]!, inner]),
  ]);
  const indices = emitter.emit('Expand', [
    emitter.reshape(inputs[1]!, [1, indexCount, 1]),
    emitter.int64s([outer, indexCount, inner]),
  ]);
  const updates = emitter.reshape(inputs[0]!, [outer, indexCount, inner]);
  const scattered = emitter.emit('ScatterElements', [zeros, indices, updates], {
    axis: intAttribute(1),
    reduction: stringAttribute('add'),
  });
  return [emitter.reshape(scattered, shape)];
};

const flatScatterAdd: Lowering<'FlatScatterAdd'> = ({ emitter, node, inputs, attributes }) => {
  const { dtype, shape } = node.inputs[0]!.type;
  const total = elementCount(attributes.shape);
  const zeros = emitter.emit('Expand', [emitter.filled(dtype, [1], 0), emitter.int64s([total])]);
  const flat = [inputs[1]!, inputs[0]!].map((name) => emitter.reshape(name, [elementCount(shape)]));
  const scattered = emitter.emit('ScatterElements', [zeros, ...flat], {
    axis: intAttribute(0),
    reduction: stringAttribute('add'),
  });
  return [emitter.reshape(scattered, attributes.shape)];
};

export const movementLowerings = {
  Reshape: ({ emitter, inputs, attributes }) => [emitter.reshape(inputs[0]!, attributes.shape)],
  Transpose: ({ emitter, inputs, attributes }) => [emitter.transpose(inputs[0]!, attributes.permutation)],
  Expand: ({ emitter, inputs, attributes }) => [
    emitter.emit('Expand', [inputs[0]!, emitter.int64s(attributes.shape)]),
  ],
  Slice: slice,
  Pad: pad,
  Concat: ({ emitter, inputs, attributes }) => [
    emitter.emit('Concat', inputs, { axis: intAttribute(attributes.axis) }),
  ],
  Gather: ({ emitter, inputs, attributes }) => [
    emitter.emit('Gather', inputs, { axis: intAttribute(attributes.axis) }),
  ],
  ScatterAdd: scatterAdd,
  GatherElements: ({ emitter, inputs, attributes }) => [
    emitter.emit('GatherElements', inputs, { axis: intAttribute(attributes.axis) }),
  ],
  ScatterElementsAdd: ({ emitter, node, inputs, attributes }) => {
    const zero = emitter.filled(node.inputs[0]!.type.dtype, [], 0);
    const zeros = emitter.emit('Expand', [zero, emitter.int64s(attributes.shape)]);
    return [
      emitter.emit('ScatterElements', [zeros, inputs[1]!, inputs[0]!], {
        axis: intAttribute(attributes.axis),
        reduction: stringAttribute('add'),
      }),
    ];
  },
  FlatGather: ({ emitter, node, inputs }) => {
    const flat = emitter.reshape(inputs[0]!, [elementCount(node.inputs[0]!.type.shape)]);
    return [emitter.emit('Gather', [flat, inputs[1]!], { axis: intAttribute(0) })];
  },
  FlatScatterAdd: flatScatterAdd,
} satisfies Partial<Lowerings>;
