/** @file The pixels under every window of a convolution, copied side by side (im2col), for products with them. */
import type { ConvGeometry } from '../../graph/op-attributes.ts';
import { intAttribute } from '../../onnx/model.ts';
import type { Shape } from '../../tensor/tensor.ts';
import type { OnnxEmitter } from './emitter.ts';

/** Of a convolution of x [N, C, H, W] by a weight of K taps. */
export interface Sizes {
  readonly samples: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly taps: number;
  readonly positions: number;
  readonly xShape: Shape;
  readonly dyShape: Shape;
  readonly weightShape: Shape;
  readonly geometry: ConvGeometry;
}

/** A kernel of one tap, stride 1, no padding: the columns would be the image itself. */
export function seesEveryPixelOnce({ taps, positions, xShape, geometry }: Sizes): boolean {
  return taps === 1 && positions === xShape[2]! * xShape[3]! && geometry.pads.every((width) => width === 0);
}

/** x → [N, L·K, C]: for every output position and tap the channel vector under it, zeros outside the image. */
export function gatherColumns(emitter: OnnxEmitter, x: string, sizes: Sizes): string {
  const { samples, inputs, xShape, dyShape, weightShape, geometry } = sizes;
  const pixels = xShape[2]! * xShape[3]!;
  const channelsLast = emitter.reshape(emitter.transpose(x, [0, 2, 3, 1]), [samples, pixels, inputs]);
  if (seesEveryPixelOnce(sizes)) return channelsLast;
  const windows = windowIndices(xShape, dyShape, weightShape, geometry);
  const outside = windows.includes(pixels);
  const rows = outside
    ? emitter.emit('Pad', [
        channelsLast,
        emitter.int64s([0, 0, 0, 0, 1, 0]),
        emitter.filled('float32', [], 0),
      ])
    : channelsLast;
  const key = `windows:${[xShape.slice(2), dyShape.slice(2), weightShape.slice(2)].join(';')};${geometryKey(geometry)}`;
  const indices = emitter.shared(key, () => ({
    dtype: 'int64',
    shape: [windows.length],
    data: BigInt64Array.from(windows, BigInt),
  }));
  return emitter.emit('Gather', [rows, indices], { axis: intAttribute(1) });
}

function geometryKey({ strides, dilations, pads }: ConvGeometry): string {
  return [strides, dilations, pads].join(';');
}

/** Position-major, then taps: the pixel under each tap, or the one past the last where the tap is outside. */
function windowIndices(xShape: Shape, dyShape: Shape, weightShape: Shape, geometry: ConvGeometry): number[] {
  const [height, width] = [xShape[2]!, xShape[3]!];
  const { strides, dilations, pads } = geometry;
  const indices: number[] = [];
  for (let row = 0; row < dyShape[2]!; row++) {
    for (let column = 0; column < dyShape[3]!; column++) {
      for (let tapY = 0; tapY < weightShape[2]!; tapY++) {
        for (let tapX = 0; tapX < weightShape[3]!; tapX++) {
          const y = row * strides[0] - pads[0] + tapY * dilations[0];
          const x = column * strides[1] - pads[1] + tapX * dilations[1];
          const inside = y >= 0 && y < height && x >= 0 && x < width;
          indices.push(inside ? y * width + x : height * width);
        }
      }
    }
  }
  return indices;
}
