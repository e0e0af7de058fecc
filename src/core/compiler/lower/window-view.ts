/**
 * @file An image seen as the windows of a pooling: every element under a tap, so that what happens within windows is plain arithmetic
 * over the axes of the taps. Symbols: P planes (samples × channels), K taps of a window, L windows of a plane.
 */
import type { PoolGeometry } from '../../graph/op-attributes.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../../onnx/model.ts';
import { effectiveKernel } from '../../ops/geometry.ts';
import type { Shape } from '../../tensor/tensor.ts';
import { transposedFit } from './convolution.ts';
import type { OnnxEmitter } from './emitter.ts';
import { tiles } from './pooling.ts';

export interface WindowView {
  /** The axes that run over the taps of one window. */
  readonly tapAxes: readonly number[];
  /** The shape of one number per window, and of one number per tap: both broadcast over the view. */
  readonly perWindow: Shape;
  readonly perTap: Shape;
  /** The view of an image; `outside` is what padding counts as. */
  gather(image: string, outside: number): string;
  /** Adds up what a view has at each element of the image. Adjoint of `gather`. */
  scatter(view: string): string;
}

/** Of an image [N, C, H, W] whose pooling is [N, C, H', W']. */
export function windowView(
  emitter: OnnxEmitter,
  geometry: PoolGeometry,
  imageShape: Shape,
  pooledShape: Shape,
): WindowView {
  return tiles(geometry, pooledShape, imageShape)
    ? tiledView(emitter, geometry, imageShape, pooledShape)
    : slicedView(emitter, geometry, imageShape, pooledShape);
}

/** Windows that tile the image: the view is the image itself, [P, H', kh, W', kw]. */
function tiledView(
  emitter: OnnxEmitter,
  { kernel: [rows, columns] }: PoolGeometry,
  imageShape: Shape,
  pooledShape: Shape,
): WindowView {
  const planes = imageShape[0]! * imageShape[1]!;
  const [height, width] = [pooledShape[2]!, pooledShape[3]!];
  return {
    tapAxes: [2, 4],
    perWindow: [planes, height, 1, width, 1],
    perTap: [1, 1, rows, 1, columns],
    gather: (image) => emitter.reshape(image, [planes, height, rows, width, columns]),
    scatter: (view) => emitter.reshape(view, imageShape),
  };
}

/** Any windows: [P, K, L], one strided slice of the padded image per tap. */
function slicedView(
  emitter: OnnxEmitter,
  geometry: PoolGeometry,
  imageShape: Shape,
  pooledShape: Shape,
): WindowView {
  const planes = imageShape[0]! * imageShape[1]!;
  const taps = geometry.kernel[0] * geometry.kernel[1];
  const windows = pooledShape[2]! * pooledShape[3]!;
  return {
    tapAxes: [1],
    perWindow: [planes, 1, windows],
    perTap: [1, taps, 1],
    gather: (image, outside) => {
      const plane = emitter.reshape(image, [planes, 1, imageShape[2]!, imageShape[3]!]);
      const slices = tapSlices(emitter, plane, { geometry, imageShape, pooledShape, outside });
      const rows = slices.map((slice) => emitter.reshape(slice, [planes, 1, windows]));
      return rows.length === 1 ? rows[0]! : emitter.emit('Concat', rows, { axis: intAttribute(1) });
    },
    scatter: (view) => {
      const perTap = emitter.reshape(view, [planes, taps, pooledShape[2]!, pooledShape[3]!]);
      const fit = transposedFit(geometry, pooledShape, imageShape, geometry.kernel);
      const sums = emitter.emit('ConvTranspose', [perTap, tapSelectors(emitter, geometry.kernel)], {
        kernel_shape: intsAttribute(geometry.kernel),
        strides: intsAttribute(geometry.strides),
        dilations: intsAttribute(geometry.dilations),
        pads: intsAttribute(fit.pads),
        output_padding: intsAttribute(fit.outputPadding),
      });
      return emitter.reshape(sums, imageShape);
    },
  };
}

/** [P, 1, H', W'] for every tap of the window, in the order of a row-major kernel. */
function tapSlices(
  emitter: OnnxEmitter,
  planes: string,
  sizes: { geometry: PoolGeometry; imageShape: Shape; pooledShape: Shape; outside: number },
): string[] {
  const { geometry, imageShape, pooledShape, outside } = sizes;
  const { kernel, strides, dilations, pads } = geometry;
  const after = [0, 1].map((axis) => {
    const reach =
      (pooledShape[axis + 2]! - 1) * strides[axis]! + effectiveKernel(kernel[axis]!, dilations[axis]!);
    return Math.max(0, reach - pads[axis]! - imageShape[axis + 2]!);
  });
  const widths = [0, 0, pads[0], pads[1], 0, 0, ...after];
  const mode = { mode: stringAttribute('constant') };
  const padded = widths.every((width) => width === 0)
    ? planes
    : emitter.emit('Pad', [planes, emitter.int64s(widths), emitter.filled('float32', [], outside)], mode);
  return Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => {
    const starts = [Math.floor(tap / kernel[1]) * dilations[0], (tap % kernel[1]) * dilations[1]];
    const ends = starts.map((start, axis) => start + (pooledShape[axis + 2]! - 1) * strides[axis]! + 1);
    return emitter.emit('Slice', [
      padded,
      ...[starts, ends, [2, 3], strides].map((list) => emitter.int64s(list)),
    ]);
  });
}

/** [K, 1, kh, kw]: the kernel of tap t is one at t and zero elsewhere. */
function tapSelectors(emitter: OnnxEmitter, kernel: readonly [number, number]): string {
  const taps = kernel[0] * kernel[1];
  return emitter.shared(`tapSelectors:${kernel.join()}`, () => {
    const data = new Float32Array(taps * taps);
    for (let tap = 0; tap < taps; tap++) data[tap * taps + tap] = 1;
    return { dtype: 'float32', shape: [taps, 1, ...kernel], data };
  });
}
