import { describe, expect, it } from 'vitest';
import { fed, importNode, known, runNode } from '../../../../../testing/onnx-models.ts';
import { gradients } from '../../../compiler/differentiate.ts';
import { interpret } from '../../../execution/reference-interpreter.ts';
import { sum } from '../../../ops/build.ts';
import { numbersOf } from '../../../tensor/tensor.ts';
import { stringAttribute, type OnnxAttribute } from '../../model.ts';
import { cubicKernel, interpolationMatrix, coordinateRules, linearKernel } from './interpolation.ts';

const row = fed([1, 1, 1, 4], [10, 20, 30, 40]);
const widen = (scale: number) => known([4], [1, 1, 1, scale], 'float32');
const settings = (given: Record<string, string>): Record<string, OnnxAttribute> =>
  Object.fromEntries(Object.entries(given).map(([key, text]) => [key, stringAttribute(text)]));

describe('Resize', () => {
  it('repeats pixels as one operator where it makes each a whole block', () => {
    const scales = known([4], [1, 1, 2, 2], 'float32');
    const attributes = settings({ coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' });
    const { model } = importNode('Resize', [row, null, scales], { attributes });
    expect(model.graph.nodes.map(({ op }) => op)).toEqual(['UpsampleNearest']);
  });

  it('interpolates between pixels and repeats the border', () => {
    const attributes = settings({ mode: 'linear' });
    const [result] = runNode('Resize', [row, null, widen(2)], { attributes });
    expect(result!.numbers).toEqual([10, 12.5, 17.5, 22.5, 27.5, 32.5, 37.5, 40]);
  });

  it('passes each output pixel its share of the gradient back', () => {
    const { model, feeds } = importNode('Resize', [row, null, widen(2)], {
      attributes: settings({ mode: 'linear' }),
    });
    const { graph, inputs, outputs } = model;
    const [slope] = gradients(graph, sum(graph, outputs.get('y0')!), [inputs.get('x0')!]);
    expect([...numbersOf(interpret(graph, [slope!], feeds)[0]!)]).toEqual([2, 2, 2, 2]);
  });

  it.each([
    ['tf_crop_and_resize', settings({ coordinate_transformation_mode: 'tf_crop_and_resize' })],
    ['area', settings({ mode: 'area' })],
  ])('is refused where it wants %s', (name, attributes) => {
    expect(() => importNode('Resize', [row, null, widen(2)], { attributes })).toThrow(name);
  });

  it('is refused where its scales depend on the image', () => {
    const scales = fed([4], [1, 1, 1, 2]);
    expect(() => importNode('Resize', [row, null, scales])).toThrow(
      expect.objectContaining({ code: 'model-unsupported' }),
    );
  });
});

describe('the matrix of an interpolation', () => {
  const coordinate = coordinateRules['half_pixel']!;
  const options = { coordinate, antialias: false, excludeOutside: false };

  it.each([
    ['linear', linearKernel],
    ['cubic', cubicKernel(-0.75)],
  ])('has rows that sum to one (%s)', (_, kernel) => {
    for (const antialias of [false, true]) {
      const axis = { from: 9, to: 4, scale: 4 / 9 };
      const matrix = interpolationMatrix(axis, { ...options, kernel, antialias });
      for (let pixel = 0; pixel < axis.to; pixel++) {
        const total = matrix.subarray(pixel * axis.from, (pixel + 1) * axis.from).reduce((a, b) => a + b, 0);
        expect(total).toBeCloseTo(1, 12);
      }
    }
  });

  it('is the identity where nothing changes', () => {
    const axis = { from: 3, to: 3, scale: 1 };
    expect([...interpolationMatrix(axis, { ...options, kernel: cubicKernel(-0.5) })]).toEqual([
      1, 0, 0, 0, 1, 0, 0, 0, 1,
    ]);
  });
});
