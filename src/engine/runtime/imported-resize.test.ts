import { describe, expect, it } from 'vitest';
import { floats, integers, kernelDifferences, type KernelNode } from '../../../testing/runtime-kernels.ts';
import { tolerances } from '../../../testing/tolerances.ts';

const transformations = [
  'half_pixel',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
  'half_pixel_symmetric',
];

/** Every way to choose or weigh pixels. */
const manners: NonNullable<KernelNode['attributes']>[] = [
  ...['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'].map((nearest_mode) => ({ nearest_mode })),
  { mode: 'linear' },
  { mode: 'cubic' },
  { mode: 'cubic', exclude_outside: 1, cubic_coeff_a: -0.5 },
];
const antialiased = ['linear', 'cubic'].map((mode) => ({ mode, antialias: 1 }));

const image = [2, 3, 7, 10];

async function expectAgreement(opset: number, nodes: readonly KernelNode[]): Promise<void> {
  const differences = await kernelDifferences(opset, nodes);
  const wrong = nodes.filter((_, index) => !(differences[index]! < tolerances.float32Compiled));
  expect(wrong).toEqual([]);
}

describe("an imported Resize as ONNX Runtime's own kernel computes it", () => {
  it.each([
    ['twice as large', [2, 2]],
    ['smaller and larger', [0.6, 1.7]],
    ['much smaller', [0.5, 0.3]],
  ])('%s, in every manner', async (_, scales) => {
    const all = transformations.flatMap((coordinate_transformation_mode) =>
      manners.map((manner) => ({ ...manner, coordinate_transformation_mode })),
    );
    const known = [null, floats(1, 1, ...scales)];
    await expectAgreement(
      19,
      [...all, ...antialiased].map((attributes) => ({ op: 'Resize', attributes, fed: [image], known })),
    );
  });

  it('to given sizes, of some axes, keeping proportions', async () => {
    const wanted = [null, null, integers(11, 13)];
    await expectAgreement(18, [
      {
        op: 'Resize',
        attributes: { mode: 'linear' },
        fed: [image],
        known: [null, null, integers(2, 3, 5, 11)],
      },
      ...['not_larger', 'not_smaller'].map((keep_aspect_ratio_policy) => ({
        op: 'Resize',
        attributes: { axes: [2, 3], keep_aspect_ratio_policy, mode: 'linear' },
        fed: [image],
        known: wanted,
      })),
      { op: 'Resize', attributes: { axes: [1, 2], mode: 'linear' }, fed: [image], known: wanted },
    ]);
  });

  it('as it was before it had rules', async () => {
    const known = [floats(1, 1, 0.6, 1.7)];
    await expectAgreement(10, [{ op: 'Resize', fed: [image], known }]);
  });

  it('as Upsample', async () => {
    const [nearest, linear] = ['nearest', 'linear'].map((mode) => ({ mode }));
    await expectAgreement(9, [
      { op: 'Upsample', attributes: nearest!, fed: [image], known: [floats(1, 1, 2, 3)] },
      { op: 'Upsample', attributes: linear!, fed: [image], known: [floats(1, 1, 2, 2)] },
    ]);
  });
});
