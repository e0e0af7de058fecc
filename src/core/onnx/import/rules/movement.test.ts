import { describe, expect, it } from 'vitest';
import { fed, known, runNode, type TestInput } from '../../../../../testing/onnx-models.ts';
import { intAttribute, intsAttribute, stringAttribute, type OnnxAttribute } from '../../model.ts';

type Attributes = Record<string, OnnxAttribute>;

/** 0, 1, 2, … in the given shape. */
function counted(...shape: number[]): TestInput {
  const count = shape.reduce((product, extent) => product * extent, 1);
  return fed(
    shape,
    Array.from({ length: count }, (_, index) => index),
  );
}

function shapeAfter(opType: string, inputs: TestInput[], opset: number, attributes: Attributes = {}) {
  return runNode(opType, inputs, { opset, attributes })[0]!.shape;
}

describe('Reshape', () => {
  it('copies an extent for 0 and works out −1', () => {
    expect(shapeAfter('Reshape', [counted(2, 3, 4), known([2], [0, -1])], 13)).toEqual([2, 12]);
  });

  it('takes 0 literally with allowzero', () => {
    const inputs = [known([0, 3], []), known([2], [3, 0])];
    expect(shapeAfter('Reshape', inputs, 14, { allowzero: intAttribute(1) })).toEqual([3, 0]);
  });

  it('refuses a shape that depends on the image, naming the node', () => {
    expect(() => runNode('Reshape', [counted(2), fed([1], [2], 'int64')])).toThrow(
      'Node Reshape_of_y0 uses Reshape in a way that is not supported: its input “shape” depends on the image',
    );
  });
});

describe('Flatten, Squeeze, Unsqueeze', () => {
  it('Flatten makes a matrix, split before any axis', () => {
    const x = counted(2, 3, 4);
    expect(shapeAfter('Flatten', [x], 9)).toEqual([2, 12]);
    expect(shapeAfter('Flatten', [x], 13, { axis: intAttribute(0) })).toEqual([1, 24]);
    expect(shapeAfter('Flatten', [x], 13, { axis: intAttribute(3) })).toEqual([24, 1]);
    expect(shapeAfter('Flatten', [x], 13, { axis: intAttribute(-1) })).toEqual([6, 4]);
  });

  it.each([
    [11, [], { axes: intsAttribute([0, -1]) }],
    [13, [known([2], [0, -1])], {}],
  ] as const)('Squeeze, opset %d', (opset, axes, attributes) => {
    expect(shapeAfter('Squeeze', [counted(1, 2, 1, 1), ...axes], opset, attributes)).toEqual([2, 1]);
  });

  it('Squeeze without axes drops every 1', () => {
    expect(shapeAfter('Squeeze', [counted(1, 2, 1)], 13)).toEqual([2]);
  });

  it.each([
    [11, [], { axes: intsAttribute([0, 3]) }],
    [13, [known([2], [-4, -1])], {}],
  ] as const)('Unsqueeze, opset %d', (opset, axes, attributes) => {
    expect(shapeAfter('Unsqueeze', [counted(2, 3), ...axes], opset, attributes)).toEqual([1, 2, 3, 1]);
  });
});

describe('Transpose, Expand, Tile, Concat', () => {
  it('Transpose reverses the axes unless it says how', () => {
    expect(runNode('Transpose', [counted(2, 3)])[0]!.numbers).toEqual([0, 3, 1, 4, 2, 5]);
    const attributes = { perm: intsAttribute([0, 2, 1]) };
    expect(shapeAfter('Transpose', [counted(2, 3, 4)], 13, attributes)).toEqual([2, 4, 3]);
  });

  it('Expand broadcasts both ways', () => {
    const [found] = runNode('Expand', [fed([2, 1], [1, 2]), known([3], [3, 1, 2])]);
    expect(found).toMatchObject({ shape: [3, 2, 2], numbers: [1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2] });
  });

  it('Tile repeats the whole', () => {
    const [found] = runNode('Tile', [fed([1, 2], [1, 2]), known([2], [2, 2])]);
    expect(found).toMatchObject({ shape: [2, 4], numbers: [1, 2, 1, 2, 1, 2, 1, 2] });
  });

  it('Concat skips what is empty', () => {
    const attributes = { axis: intAttribute(-1) };
    const inputs = [known([1], [1]), known([0], []), known([2], [2, 3])];
    expect(runNode('Concat', inputs, { attributes })[0]!.numbers).toEqual([1, 2, 3]);
    expect(runNode('Concat', [known([0], [])], { attributes })[0]!.shape).toEqual([0]);
  });
});

describe('Split', () => {
  const x = counted(1, 5);
  const axis = { axis: intAttribute(1) };
  const parts = (inputs: TestInput[], opset: number, attributes: Attributes, outputCount: number) =>
    runNode('Split', inputs, { opset, attributes: { ...axis, ...attributes }, outputCount }).map(
      ({ numbers }) => numbers,
    );

  it('has its extents as an attribute before opset 13, as an input since', () => {
    const expected = [
      [0, 1],
      [2, 3, 4],
    ];
    expect(parts([x], 11, { split: intsAttribute([2, 3]) }, 2)).toEqual(expected);
    expect(parts([x, known([2], [2, 3])], 13, {}, 2)).toEqual(expected);
  });

  it('makes equal parts, the last one smaller', () => {
    expect(parts([counted(1, 4)], 13, {}, 2)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(parts([x], 18, { num_outputs: intAttribute(3) }, 3)).toEqual([[0, 1], [2, 3], [4]]);
  });
});

describe('DepthToSpace and SpaceToDepth', () => {
  const block = { blocksize: intAttribute(2) };

  it('take channels in depth-first or column-first order', () => {
    const x = counted(1, 8, 1, 1);
    expect(runNode('DepthToSpace', [x], { attributes: block })[0]).toMatchObject({
      shape: [1, 2, 2, 2],
      numbers: [0, 2, 4, 6, 1, 3, 5, 7],
    });
    const attributes = { ...block, mode: stringAttribute('CRD') };
    expect(runNode('DepthToSpace', [x], { attributes })[0]!.numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('undo each other', () => {
    const [apart] = runNode('SpaceToDepth', [counted(1, 2, 4, 6)], { attributes: block });
    expect(apart!.shape).toEqual([1, 8, 2, 3]);
    const [back] = runNode('DepthToSpace', [fed(apart!.shape, apart!.numbers)], { attributes: block });
    expect(back!.numbers).toEqual(Array.from({ length: 48 }, (_, index) => index));
  });
});
