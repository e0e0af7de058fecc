import { describe, expect, it } from 'vitest';
import { kernelDifferences, type KernelNode } from '../../../testing/runtime-kernels.ts';
import { tolerances } from '../../../testing/tolerances.ts';

interface Case extends KernelNode {
  readonly opset: number;
}

const image = [2, 6, 7, 8];

const cases: Record<string, Case> = {
  'a convolution of one axis': {
    op: 'Conv',
    opset: 11,
    fed: [[2, 3, 9]],
    known: [[4, 3, 3], [4]],
    attributes: { pads: [2, 1], strides: [2] },
  },
  'a grouped, dilated convolution': {
    op: 'Conv',
    opset: 11,
    fed: [image],
    known: [[4, 3, 2, 3]],
    attributes: { group: 2, dilations: [2, 1], pads: [0, 1, 2, 0] },
  },
  'a convolution padded to the same size, more at the end': {
    op: 'Conv',
    opset: 11,
    fed: [image],
    known: [[4, 6, 2, 3]],
    attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] },
  },
  'a convolution padded to the same size, more at the start': {
    op: 'Conv',
    opset: 11,
    fed: [image],
    known: [[4, 6, 2, 3]],
    attributes: { auto_pad: 'SAME_LOWER', strides: [2, 2] },
  },
  'a convolution without padding': {
    op: 'Conv',
    opset: 11,
    fed: [image],
    known: [[4, 6, 2, 3]],
    attributes: { auto_pad: 'VALID' },
  },
  'a convolution that leaves its last axis alone': {
    op: 'Conv',
    opset: 11,
    fed: [[2, 3, 5, 4, 2]],
    known: [[4, 3, 3, 1, 1]],
    attributes: { pads: [1, 0, 0, 1, 0, 0] },
  },
  'a transposed convolution': {
    op: 'ConvTranspose',
    opset: 11,
    fed: [image],
    known: [[6, 2, 3, 2], [4]],
    attributes: { group: 2, strides: [2, 3], output_padding: [1, 0], pads: [1, 0, 0, 1] },
  },
  'a transposed convolution of one axis': {
    op: 'ConvTranspose',
    opset: 11,
    fed: [[2, 3, 9]],
    known: [[3, 4, 3]],
    attributes: { strides: [2], dilations: [2] },
  },
  'a transposed convolution to a given shape': {
    op: 'ConvTranspose',
    opset: 11,
    fed: [image],
    known: [[6, 2, 3, 3]],
    attributes: { strides: [3, 2], output_shape: [20, 16] },
  },
  'a transposed convolution to a multiple of the size': {
    op: 'ConvTranspose',
    opset: 11,
    fed: [image],
    known: [[6, 2, 3, 4]],
    attributes: { strides: [2, 2], auto_pad: 'SAME_UPPER' },
  },
  'the same with more padding at the start': {
    op: 'ConvTranspose',
    opset: 11,
    fed: [image],
    known: [[6, 2, 3, 4]],
    attributes: { strides: [2, 2], auto_pad: 'SAME_LOWER' },
  },
  'a maximum pool that rounds up': {
    op: 'MaxPool',
    opset: 12,
    fed: [image],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1, pads: [0, 1, 0, 1] },
  },
  'a dilated maximum pool': {
    op: 'MaxPool',
    opset: 12,
    fed: [image],
    attributes: { kernel_shape: [2, 3], dilations: [3, 2] },
  },
  'a maximum pool of one axis, padded to the same size': {
    op: 'MaxPool',
    opset: 12,
    fed: [[2, 3, 9]],
    attributes: { kernel_shape: [3], strides: [2], auto_pad: 'SAME_LOWER' },
  },
  'an average that counts the padding': {
    op: 'AveragePool',
    opset: 11,
    fed: [image],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 1 },
  },
  'an average that does not, and rounds up': {
    op: 'AveragePool',
    opset: 11,
    fed: [image],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 0, 0, 1], ceil_mode: 1 },
  },
  'an average that counts the padding and rounds up': {
    op: 'AveragePool',
    opset: 19,
    fed: [image],
    attributes: {
      kernel_shape: [3, 3],
      strides: [3, 3],
      pads: [1, 1, 1, 1],
      ceil_mode: 1,
      count_include_pad: 1,
    },
  },
  'a dilated average': {
    op: 'AveragePool',
    opset: 19,
    fed: [image],
    attributes: { kernel_shape: [2, 2], dilations: [2, 3] },
  },
  'an average over one of three axes': {
    op: 'AveragePool',
    opset: 11,
    fed: [[2, 1, 6, 4, 3]],
    attributes: { kernel_shape: [3, 1, 1], pads: [1, 0, 0, 1, 0, 0] },
  },
  'a pool by the Euclidean norm': {
    op: 'LpPool',
    opset: 11,
    fed: [image],
    attributes: { kernel_shape: [2, 3], strides: [2, 1], pads: [0, 1, 1, 0] },
  },
  'a pool by the third norm that rounds up': {
    op: 'LpPool',
    opset: 18,
    fed: [image],
    attributes: { kernel_shape: [2, 3], strides: [2, 2], p: 3, ceil_mode: 1 },
  },
  'a global norm': { op: 'GlobalLpPool', opset: 11, fed: [image], attributes: { p: 3 } },
  'a global maximum': { op: 'GlobalMaxPool', opset: 11, fed: [image] },
  'a global average': { op: 'GlobalAveragePool', opset: 11, fed: [[2, 3, 9]] },
};

describe("imported convolutions and pools as ONNX Runtime's own kernels compute them", () => {
  it.each(Object.entries(cases))('%s', async (_, { opset, ...node }) => {
    const [difference] = await kernelDifferences(opset, [node]);
    expect(difference).toBeLessThan(tolerances.float32Compiled);
  });
});
