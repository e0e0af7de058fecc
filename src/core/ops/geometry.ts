/** @file Extents of sliding windows: convolution and pooling. */
import { assert } from '../base/assert.ts';
import type { ConvGeometry, PoolGeometry } from '../graph/op-attributes.ts';
import { printShape } from '../tensor/shape.ts';
import type { Shape } from '../tensor/tensor.ts';

/** Extent that one window covers: its taps lie `dilation` apart. */
export function effectiveKernel(kernel: number, dilation: number): number {
  return dilation * (kernel - 1) + 1;
}

interface Window {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}

function expectWindow({ strides, dilations, pads }: Window): void {
  const isCount = (number: number) => Number.isInteger(number) && number >= 1;
  assert(strides.length === 2 && strides.every(isCount), `strides ${printShape(strides)}`);
  assert(dilations.length === 2 && dilations.every(isCount), `dilations ${printShape(dilations)}`);
  const isWidth = (number: number) => Number.isInteger(number) && number >= 0;
  assert(pads.length === 4 && pads.every(isWidth), `pads ${printShape(pads)}`);
}

/** x: [N, C, H, W], w: [O, C/group, kh, kw] → [N, O, H', W']. */
export function convOutputShape(x: Shape, w: Shape, geometry: ConvGeometry): Shape {
  const { group, pads, strides, dilations } = geometry;
  const problem = `convolution of ${printShape(x)} by ${printShape(w)}, group ${group}`;
  expectWindow(geometry);
  assert(x.length === 4 && w.length === 4, `${problem} wants rank 4`);
  assert(x[1] === w[1]! * group && w[0]! % group === 0, `${problem}: channels do not fit`);
  const extent = (axis: 0 | 1): number => {
    const room =
      x[axis + 2]! + pads[axis] + pads[axis === 0 ? 2 : 3] - effectiveKernel(w[axis + 2]!, dilations[axis]);
    assert(room >= 0, `${problem}: the kernel is larger than the padded input`);
    return Math.floor(room / strides[axis]) + 1;
  };
  return [x[0]!, w[0]!, extent(0), extent(1)];
}

/**
 * [N, C, H, W] → [N, C, H', W']. In ceil mode the last window must still start inside the input or its leading padding, as in
 * PyTorch and ONNX Runtime.
 */
export function poolOutputShape(x: Shape, geometry: PoolGeometry): Shape {
  const { kernel, pads, strides, dilations, ceil } = geometry;
  const problem = `pooling ${printShape(x)} with kernel ${printShape(kernel)}`;
  expectWindow(geometry);
  assert(x.length === 4, `${problem} wants rank 4`);
  const extent = (axis: 0 | 1): number => {
    const end = pads[axis === 0 ? 2 : 3];
    assert(
      pads[axis] < kernel[axis] && end < kernel[axis],
      `${problem}: padding must be smaller than the kernel`,
    );
    const room = x[axis + 2]! + pads[axis] + end - effectiveKernel(kernel[axis], dilations[axis]);
    assert(room >= 0, `${problem}: the kernel is larger than the padded input`);
    const count = (ceil ? Math.ceil(room / strides[axis]) : Math.floor(room / strides[axis])) + 1;
    return ceil && (count - 1) * strides[axis] >= x[axis + 2]! + pads[axis] ? count - 1 : count;
  };
  return [x[0]!, x[1]!, extent(0), extent(1)];
}
