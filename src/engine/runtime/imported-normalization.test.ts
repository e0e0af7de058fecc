import { describe, expect, it } from 'vitest';
import { floats, kernelDifferences, type KernelNode } from '../../../testing/runtime-kernels.ts';
import { tolerances } from '../../../testing/tolerances.ts';

interface Case extends KernelNode {
  readonly opset: number;
}

const image = [2, 6, 7, 8];

const cases: Record<string, Case> = {
  'a Gemm of everything': {
    op: 'Gemm',
    opset: 13,
    fed: [[3, 4]],
    known: [[5, 3], [5]],
    attributes: { transA: 1, transB: 1, alpha: 0.5, beta: 0.25 },
  },
  'a vector times matrices': { op: 'MatMul', opset: 13, fed: [[3]], known: [[2, 3, 4]] },
  'matrices times a vector': { op: 'MatMul', opset: 13, fed: [[2, 4, 3], [3]] },
  'batch normalisation': {
    op: 'BatchNormalization',
    opset: 9,
    fed: [image],
    known: [[6], [6], [6], floats(0.5, 1, 1.5, 2, 0.1, 3)],
    attributes: { epsilon: 0.01 },
  },
  'instance normalisation': { op: 'InstanceNormalization', opset: 6, fed: [[2, 3, 9]], known: [[3], [3]] },
  'group normalisation by channel': {
    op: 'GroupNormalization',
    opset: 21,
    fed: [image],
    known: [[6], [6]],
    attributes: { num_groups: 3 },
  },
  'group normalisation by group': {
    op: 'GroupNormalization',
    opset: 18,
    fed: [image],
    known: [[3], [3]],
    attributes: { num_groups: 3 },
  },
  'layer normalisation over three axes, with its statistics': {
    op: 'LayerNormalization',
    opset: 17,
    fed: [image],
    known: [
      [6, 7, 8],
      [6, 7, 8],
    ],
    attributes: { axis: 1, epsilon: 0.01 },
    outputCount: 3,
  },
  'layer normalisation without a shift': {
    op: 'LayerNormalization',
    opset: 17,
    fed: [[2, 3, 5]],
    known: [[5]],
  },
  'root mean square normalisation': {
    op: 'RMSNormalization',
    opset: 23,
    fed: [[2, 3, 5]],
    known: [[3, 5]],
    attributes: { axis: 1 },
  },
  'normalisation by mean and variance': {
    op: 'MeanVarianceNormalization',
    opset: 13,
    fed: [image],
    attributes: { axes: [2, 3] },
  },
  'normalisation by the sum': {
    op: 'LpNormalization',
    opset: 22,
    fed: [image],
    attributes: { axis: 1, p: 1 },
  },
  'normalisation by the Euclidean norm': { op: 'LpNormalization', opset: 22, fed: [image] },
  'local response normalisation': {
    op: 'LRN',
    opset: 13,
    fed: [image],
    attributes: { size: 3, alpha: 0.5, beta: 0.75, bias: 1.5 },
  },
  'the sum of a residual, normalised': {
    op: 'com.microsoft.SkipLayerNormalization',
    opset: 17,
    fed: [
      [2, 3, 8],
      [2, 3, 8],
    ],
    known: [[8], [8], [8]],
    attributes: { epsilon: 0.01 },
  },
  'the same by root mean square': {
    op: 'com.microsoft.SkipSimplifiedLayerNormalization',
    opset: 17,
    fed: [
      [2, 3, 8],
      [2, 3, 8],
    ],
    known: [[8], [8]],
    attributes: { epsilon: 0.01 },
  },
  'a fused matrix product': {
    op: 'com.microsoft.FusedMatMul',
    opset: 17,
    fed: [[2, 3, 4]],
    known: [[2, 5, 3]],
    attributes: { transA: 1, transB: 1, alpha: 0.5 },
  },
  'a fused convolution with a residual': {
    op: 'com.microsoft.FusedConv',
    opset: 17,
    fed: [image],
    known: [[6, 6, 1, 1], [6], image],
    attributes: { activation: 'Relu' },
  },
  'a fused Gemm': {
    op: 'com.microsoft.FusedGemm',
    opset: 17,
    fed: [[3, 4]],
    known: [[4, 5], [5]],
    attributes: { activation: 'LeakyRelu', activation_alpha: 0.25 },
  },
  'attention of joined heads': {
    op: 'Attention',
    opset: 23,
    fed: [
      [2, 3, 8],
      [2, 5, 8],
      [2, 5, 8],
    ],
    attributes: { q_num_heads: 2, kv_num_heads: 2 },
  },
  'attention of shared heads under a causal mask': {
    op: 'Attention',
    opset: 23,
    fed: [
      [2, 4, 5, 3],
      [2, 2, 5, 3],
      [2, 2, 5, 3],
    ],
    attributes: { is_causal: 1, scale: 0.75 },
  },
  'attention with a bias': {
    op: 'Attention',
    opset: 23,
    fed: [
      [2, 2, 3, 4],
      [2, 2, 5, 4],
      [2, 2, 5, 4],
      [3, 5],
    ],
  },
  'attention with a cap': {
    op: 'Attention',
    opset: 23,
    fed: [
      [2, 2, 3, 4],
      [2, 2, 5, 4],
      [2, 2, 5, 4],
    ],
    attributes: { softcap: 1.5 },
  },
};

describe("imported products, normalisations and attention as ONNX Runtime's own kernels compute them", () => {
  it.each(Object.entries(cases))('%s', async (_, { opset, ...node }) => {
    const [difference] = await kernelDifferences(opset, [node]);
    expect(difference).toBeLessThan(tolerances.float32Compiled);
  });
});
