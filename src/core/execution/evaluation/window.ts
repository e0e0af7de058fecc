/** @file Reference semantics of convolution and pooling: every operator is one walk over the taps of a sliding window. */
import { assert } from '../../base/assert.ts';
import type { ConvGeometry, PoolGeometry } from '../../graph/op-attributes.ts';
import type { Shape } from '../../tensor/tensor.ts';
import {
  addAt,
  at,
  fill,
  flatIndex,
  indicesOf,
  zeros,
  type EvaluationRules,
  type Index,
} from './number-array.ts';

/** One axis of a window in motion. */
interface Motion {
  readonly extent: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

type Geometry = Omit<PoolGeometry, 'ceil'>;

function motions(x: Shape, { kernel, strides, dilations, pads }: Geometry): [Motion, Motion] {
  const along = (axis: 0 | 1): Motion => ({
    extent: x[axis + 2]!,
    kernel: kernel[axis],
    stride: strides[axis],
    dilation: dilations[axis],
    before: pads[axis],
    after: pads[axis === 0 ? 2 : 3],
  });
  return [along(0), along(1)];
}

/** Where the window stands, one position after the other; the first tap may lie in the padding (negative). */
function windowStarts(motion: Motion, ceil: boolean): number[] {
  const { extent, kernel, stride, dilation, before, after } = motion;
  const reach = dilation * (kernel - 1) + 1;
  const starts: number[] = [];
  let uncovered = true;
  for (let start = -before; ; start += stride) {
    const overhang = start + reach - (extent + after);
    // In ceil mode one more window may stick out, if something was left uncovered and it starts before the trailing padding.
    if (overhang > 0 && !(ceil && uncovered && start < extent)) return starts;
    starts.push(start);
    if (overhang > 0) return starts;
    uncovered = overhang < 0;
  }
}

/** Taps of the window at `start` that fall on the input: [tap, position]. */
function tapsInside({ extent, kernel, dilation }: Motion, start: number): [number, number][] {
  return Array.from({ length: kernel }, (_, tap): [number, number] => [tap, start + tap * dilation]).filter(
    ([, position]) => position >= 0 && position < extent,
  );
}

/** Walks all (window, tap) pairs inside the input: window [oy, ox], tap [ky, kx], position [y, x]. */
function walk(
  rows: Motion,
  columns: Motion,
  ceil: boolean,
  visit: (window: Index, tap: Index, position: Index) => void,
): Shape {
  const [tops, lefts] = [windowStarts(rows, ceil), windowStarts(columns, ceil)];
  tops.forEach((top, oy) => {
    lefts.forEach((left, ox) => {
      for (const [ky, y] of tapsInside(rows, top)) {
        for (const [kx, x] of tapsInside(columns, left)) visit([oy, ox], [ky, kx], [y, x]);
      }
    });
  });
  return [tops.length, lefts.length];
}

/** Visits every product of the trilinear form ⟨dy, x ∗ w⟩ by the indices of its three factors. Returns the shape of dy. */
function walkConvolution(
  x: Shape,
  w: Shape,
  geometry: ConvGeometry,
  visit: (xIndex: Index, wIndex: Index, dyIndex: Index) => void,
): Shape {
  const [rows, columns] = motions(x, { ...geometry, kernel: [w[2]!, w[3]!] });
  const [batch, outputs, inputsPerGroup] = [x[0]!, w[0]!, w[1]!];
  const outputsPerGroup = outputs / geometry.group;
  const extents = walk(rows, columns, false, (window, tap, position) => {
    for (let n = 0; n < batch; n++) {
      for (let o = 0; o < outputs; o++) {
        const firstInput = Math.floor(o / outputsPerGroup) * inputsPerGroup;
        for (let c = 0; c < inputsPerGroup; c++) {
          visit([n, firstInput + c, ...position], [o, c, ...tap], [n, o, ...window]);
        }
      }
    }
  });
  return [batch, outputs, ...extents];
}

/** Positions of the taps of each window of a pool, and how many padded positions count. */
function poolWindows(x: Shape, geometry: PoolGeometry & { readonly countPadding?: boolean }) {
  const [rows, columns] = motions(x, geometry);
  const positions = new Map<string, Index[]>();
  const extents = walk(rows, columns, geometry.ceil, (window, _, position) => {
    const known = positions.get(window.join()) ?? [];
    positions.set(window.join(), [...known, position]);
  });
  /** Taps on the input or on its padding; what sticks out further in ceil mode never counts. */
  const paddedTaps = ({ extent, kernel, stride, dilation, before, after }: Motion, window: number): number =>
    Array.from({ length: kernel }, (_, tap) => window * stride - before + tap * dilation).filter(
      (position) => position < extent + after,
    ).length;
  return {
    shape: [x[0]!, x[1]!, ...extents],
    positions: (window: Index): readonly Index[] => positions.get(window.join()) ?? [],
    divisor: (window: Index): number =>
      geometry.countPadding === true
        ? paddedTaps(rows, window[0]!) * paddedTaps(columns, window[1]!)
        : positions.get(window.join())!.length,
  };
}

export const windowEvaluation = {
  Conv: ([x, w, bias], geometry) => {
    const sums = new Map<string, number>();
    const shape = walkConvolution(x!.shape, w!.shape, geometry, (xIndex, wIndex, dyIndex) => {
      const key = dyIndex.join();
      sums.set(key, (sums.get(key) ?? 0) + at(x!, xIndex) * at(w!, wIndex));
    });
    return [fill(shape, (index) => (sums.get(index.join()) ?? 0) + (bias?.data[index[1]!] ?? 0))];
  },
  ConvInputGradient: ([dy, w], { inputShape, ...geometry }) => {
    const dx = zeros(inputShape);
    walkConvolution(inputShape, w!.shape, geometry, (xIndex, wIndex, dyIndex) => {
      addAt(dx, xIndex, at(dy!, dyIndex) * at(w!, wIndex));
    });
    return [dx];
  },
  ConvWeightGradient: ([x, dy], { weightShape, ...geometry }) => {
    const dw = zeros(weightShape);
    walkConvolution(x!.shape, weightShape, geometry, (xIndex, wIndex, dyIndex) => {
      addAt(dw, wIndex, at(x!, xIndex) * at(dy!, dyIndex));
    });
    return [dw];
  },
  ConvPerSampleWeightGradient: ([x, dy], { weightShape, ...geometry }) => {
    const dw = zeros([x!.shape[0]!, ...weightShape]);
    walkConvolution(x!.shape, weightShape, geometry, (xIndex, wIndex, dyIndex) => {
      addAt(dw, [xIndex[0]!, ...wIndex], at(x!, xIndex) * at(dy!, dyIndex));
    });
    return [dw];
  },
  MaxPool: ([x], geometry) => {
    const { shape, positions } = poolWindows(x!.shape, geometry);
    const winner = (index: Index): Index => {
      const candidates = positions(index.slice(2)).map((position) => [...index.slice(0, 2), ...position]);
      assert(candidates.length > 0, 'a window of padding alone has no maximum');
      return candidates.reduce((best, candidate) => (at(x!, candidate) > at(x!, best) ? candidate : best));
    };
    return [
      fill(shape, (index) => at(x!, winner(index))),
      fill(shape, (index) => flatIndex(x!.shape, winner(index))),
    ];
  },
  AveragePool: ([x], geometry) => {
    const { shape, positions, divisor } = poolWindows(x!.shape, geometry);
    return [
      fill(shape, (index) => {
        const window = index.slice(2);
        const elements = positions(window).map((position) => at(x!, [...index.slice(0, 2), ...position]));
        return elements.reduce((sum, element) => sum + element, 0) / divisor(window);
      }),
    ];
  },
  AveragePoolInputGradient: ([dy], { inputShape, ...geometry }) => {
    const { positions, divisor } = poolWindows(inputShape, geometry);
    const dx = zeros(inputShape);
    for (const index of indicesOf(dy!.shape)) {
      const window = index.slice(2);
      const share = at(dy!, index) / divisor(window);
      for (const position of positions(window)) addAt(dx, [...index.slice(0, 2), ...position], share);
    }
    return [dx];
  },
} satisfies Partial<EvaluationRules>;
