/**
 * @file At least one case per operator, as a table that is total over the operator names: an operator without a case does not compile.
 * The gradient rules are held against differences on it, and compiled programs against the reference interpreter.
 */
import { Random } from '../src/core/base/random.ts';
import type { ConvGeometry, OpAttributes, OpName, PoolGeometry } from '../src/core/graph/op-attributes.ts';
import { elementCount, tensorOf, type DType, type Shape, type Tensor } from '../src/core/tensor/tensor.ts';

/** How the elements of an input are drawn. */
type Draw =
  | 'normal'
  /** In [0.5, 2.5]: for logarithms, roots, divisors and bases of powers. */
  | 'positive'
  /** Shuffled multiples of 0.1 away from 0: no ties and no kinks within reach of a difference step. */
  | 'distinct'
  /** 0 or 1, as bool. */
  | 'bool'
  /** Int64 below the bound. */
  | { readonly below: number };

export interface InputCase {
  readonly shape: Shape;
  readonly draw: Draw;
}

export interface OpCase<Op extends OpName = OpName> {
  readonly inputs: readonly InputCase[];
  readonly attributes: OpAttributes[Op];
}

type OpCases = { readonly [Op in OpName]: readonly OpCase<Op>[] };

const normal = (...shape: number[]): InputCase => ({ shape, draw: 'normal' });
const positive = (...shape: number[]): InputCase => ({ shape, draw: 'positive' });
const distinct = (...shape: number[]): InputCase => ({ shape, draw: 'distinct' });
const bool = (...shape: number[]): InputCase => ({ shape, draw: 'bool' });
const indices = (below: number, ...shape: number[]): InputCase => ({ shape, draw: { below } });

const of = <Attributes>(attributes: Attributes, ...inputs: InputCase[]) => ({ attributes, inputs });
const plain = (...inputs: InputCase[]) => of({}, ...inputs);

/** The ways two shapes broadcast: equal, a scalar, stretched and missing axes on either side. */
const broadcasts = (draw: (...shape: number[]) => InputCase) => [
  plain(draw(2, 3), draw(2, 3)),
  plain(draw(2, 3), draw()),
  plain(draw(3), draw(2, 3)),
  plain(draw(2, 1, 3), draw(4, 1)),
];

const conv = (changes: Partial<ConvGeometry> = {}): ConvGeometry => ({
  strides: [1, 1],
  dilations: [1, 1],
  pads: [0, 0, 0, 0],
  group: 1,
  ...changes,
});

/** Geometry with the shapes of x, w and dy that fit together. */
const convolutions = [
  { geometry: conv(), x: [2, 3, 4, 4], w: [2, 3, 1, 1], dy: [2, 2, 4, 4] },
  { geometry: conv({ pads: [1, 1, 1, 1] }), x: [2, 2, 4, 5], w: [3, 2, 3, 3], dy: [2, 3, 4, 5] },
  {
    geometry: conv({ strides: [2, 1], dilations: [1, 2], pads: [0, 2, 1, 1], group: 2 }),
    x: [2, 4, 5, 6],
    w: [6, 2, 3, 2],
    dy: [2, 6, 2, 7],
  },
  {
    geometry: conv({ strides: [2, 2], pads: [1, 1, 1, 1], group: 3 }),
    x: [2, 3, 5, 5],
    w: [3, 1, 3, 3],
    dy: [2, 3, 3, 3],
  },
  // The last row and column of x are out of the kernel's reach.
  { geometry: conv({ strides: [3, 3] }), x: [1, 1, 6, 6], w: [2, 1, 2, 2], dy: [1, 2, 2, 2] },
] as const;

const pool = (changes: Partial<PoolGeometry> = {}): PoolGeometry => ({
  kernel: [2, 2],
  strides: [2, 2],
  dilations: [1, 1],
  pads: [0, 0, 0, 0],
  ceil: false,
  ...changes,
});

const pools = [
  { geometry: pool(), x: [2, 2, 4, 4], y: [2, 2, 2, 2] },
  {
    geometry: pool({ kernel: [3, 2], strides: [1, 2], pads: [1, 0, 1, 1] }),
    x: [1, 2, 4, 5],
    y: [1, 2, 4, 3],
  },
  { geometry: pool({ kernel: [3, 3], ceil: true }), x: [1, 2, 6, 6], y: [1, 2, 3, 3] },
  {
    geometry: pool({ kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil: true }),
    x: [1, 1, 6, 6],
    y: [1, 1, 4, 4],
  },
  // One more window would start in the trailing padding, so ceil mode leaves it out.
  {
    geometry: pool({ kernel: [2, 2], strides: [3, 3], pads: [1, 1, 1, 1], ceil: true }),
    x: [1, 1, 5, 5],
    y: [1, 1, 2, 2],
  },
  {
    geometry: pool({ kernel: [2, 2], strides: [1, 1], dilations: [2, 3] }),
    x: [1, 1, 5, 5],
    y: [1, 1, 3, 2],
  },
] as const;

/** Each pool with and without the padding in its divisor. */
const averages = pools.flatMap((one) =>
  [false, true].map((countPadding) => ({ ...one, geometry: { ...one.geometry, countPadding } })),
);

const reductions = (draw: (...shape: number[]) => InputCase) => [
  of({ axes: [1], keepDims: false }, draw(2, 3, 2)),
  of({ axes: [0, 2], keepDims: true }, draw(2, 3, 2)),
  of({ axes: [0], keepDims: false }, draw(4, 3)),
  of({ axes: [0, 1], keepDims: false }, draw(2, 3)),
];

const rows = [plain(normal(5)), plain(normal(3, 4)), plain(normal(2, 2, 3)), plain(normal(3, 1))];

export const opCases: OpCases = {
  Add: broadcasts(normal),
  Sub: broadcasts(normal),
  Mul: broadcasts(normal),
  Div: broadcasts(positive),
  Pow: [...broadcasts(positive), plain(positive(2, 3), normal(2, 1))],
  Max: broadcasts(normal),
  Min: broadcasts(normal),
  Neg: [plain(normal(2, 3))],
  Abs: [plain(distinct(2, 3))],
  Sign: [plain(distinct(2, 3))],
  Exp: [plain(normal(2, 3)), plain(normal())],
  Log: [plain(positive(2, 3))],
  Sqrt: [plain(positive(2, 3))],
  Reciprocal: [plain(positive(2, 3))],
  Sigmoid: [plain(normal(2, 3))],
  Tanh: [plain(normal(2, 3))],
  Erf: [plain(normal(2, 3))],
  Floor: [plain(distinct(3, 4))],
  Sin: [plain(normal(2, 3))],
  Cos: [plain(normal(2, 3))],
  Clip: [
    of({ low: -0.2, high: 0.3 }, distinct(3, 4)),
    of({ low: 0, high: Infinity }, distinct(3, 4)),
    of({ low: -Infinity, high: 0 }, distinct(3, 4)),
  ],
  Relu: [plain(distinct(3, 4))],
  ReluMask: [plain(distinct(3, 4))],
  StopGradient: [plain(normal(2, 3))],
  Cast: [
    of({ to: 'float64' }, normal(2, 3)),
    of({ to: 'int64' }, distinct(2, 3)),
    of({ to: 'bool' }, distinct(4)),
  ],
  Equal: [...broadcasts(normal), plain(indices(2, 8), indices(2, 8))],
  Greater: broadcasts(normal),
  GreaterOrEqual: broadcasts(normal),
  Less: broadcasts(normal),
  LessOrEqual: broadcasts(normal),
  And: [plain(bool(8), bool(8)), plain(bool(2, 1), bool(3))],
  Or: [plain(bool(8), bool(8))],
  Not: [plain(bool(8))],
  Where: [plain(bool(2, 3), normal(2, 3), normal(2, 3)), plain(bool(2, 1), normal(3), normal())],
  ArgMax: [of({ axis: 1, keepDims: false }, distinct(3, 4)), of({ axis: 0, keepDims: true }, distinct(3, 4))],
  Reshape: [of({ shape: [3, 2] }, normal(2, 3)), of({ shape: [] }, normal(1, 1))],
  Transpose: [
    of({ permutation: [1, 0] }, normal(2, 3)),
    of({ permutation: [2, 0, 3, 1] }, normal(2, 3, 4, 2)),
  ],
  Expand: [
    of({ shape: [2, 3] }, normal(3)),
    of({ shape: [4, 2, 3] }, normal(2, 1)),
    of({ shape: [2, 2] }, normal()),
  ],
  Slice: [
    of({ starts: [1, 0], ends: [3, 4], steps: [1, 1] }, normal(4, 4)),
    of({ starts: [0, 1], ends: [5, 6], steps: [2, 3] }, normal(5, 6)),
    of({ starts: [3, 4], ends: [-1, -1], steps: [-1, -2] }, normal(4, 5)),
    of({ starts: [5, 0], ends: [1, 2], steps: [-3, 1] }, normal(6, 3)),
    of({ starts: [0], ends: [7], steps: [3] }, normal(8)),
  ],
  Pad: [
    of({ before: [1, 0], after: [0, 2], value: 0 }, normal(2, 3)),
    of({ before: [0, 1, 0], after: [2, 1, 0], value: -1.5 }, normal(1, 2, 2)),
  ],
  Concat: [
    of({ axis: 0 }, normal(2, 3), normal(1, 3)),
    of({ axis: 1 }, normal(2, 1, 2), normal(2, 3, 2), normal(2, 2, 2)),
  ],
  Gather: [
    of({ axis: 0 }, normal(4, 3), indices(4, 6)),
    of({ axis: 1 }, normal(2, 5, 2), indices(5, 2, 3)),
    of({ axis: 1 }, normal(2, 5), indices(5)),
  ],
  ScatterAdd: [
    of({ axis: 0, shape: [4, 3] }, normal(6, 3), indices(4, 6)),
    of({ axis: 1, shape: [2, 5, 2] }, normal(2, 2, 3, 2), indices(5, 2, 3)),
  ],
  GatherElements: [
    of({ axis: 1 }, normal(2, 5), indices(5, 2, 3)),
    of({ axis: 0 }, normal(3, 2, 2), indices(3, 4, 2, 1)),
  ],
  ScatterElementsAdd: [
    of({ axis: 1, shape: [2, 5] }, normal(2, 3), indices(5, 2, 3)),
    of({ axis: 0, shape: [3, 2, 2] }, normal(4, 2, 1), indices(3, 4, 2, 1)),
  ],
  TopK: [
    of({ count: 2, largest: true }, distinct(3, 5)),
    of({ count: 1, largest: false }, distinct(2, 2, 3)),
  ],
  ReduceSum: reductions(normal),
  ReduceMean: reductions(normal),
  ReduceMax: reductions(distinct),
  ReduceMin: reductions(distinct),
  MatMul: [
    of({ transposeA: false, transposeB: false }, normal(2, 3), normal(3, 4)),
    of({ transposeA: true, transposeB: false }, normal(3, 2), normal(3, 4)),
    of({ transposeA: false, transposeB: true }, normal(2, 3), normal(4, 3)),
    of({ transposeA: true, transposeB: true }, normal(3, 2), normal(4, 3)),
    of({ transposeA: false, transposeB: false }, normal(2, 2, 3), normal(3, 2)),
    of({ transposeA: true, transposeB: true }, normal(2, 1, 3, 2), normal(2, 2, 3)),
    of({ transposeA: false, transposeB: true }, normal(2, 3), normal(3, 2, 3)),
  ],
  Conv: convolutions.flatMap(({ geometry, x, w }) => [
    of(geometry, normal(...x), normal(...w)),
    of(geometry, normal(...x), normal(...w), normal(w[0])),
  ]),
  ConvInputGradient: convolutions.map(({ geometry, x, w, dy }) =>
    of({ ...geometry, inputShape: x }, normal(...dy), normal(...w)),
  ),
  ConvWeightGradient: convolutions.map(({ geometry, x, w, dy }) =>
    of({ ...geometry, weightShape: w }, normal(...x), normal(...dy)),
  ),
  ConvPerSampleWeightGradient: convolutions.map(({ geometry, x, w, dy }) =>
    of({ ...geometry, weightShape: w }, normal(...x), normal(...dy)),
  ),
  MaxPool: pools.map(({ geometry, x }) => of(geometry, distinct(...x))),
  FlatScatterAdd: [of({ shape: [2, 4] }, normal(3, 2), indices(8, 3, 2))],
  FlatGather: [plain(normal(2, 4), indices(8, 3, 2))],
  AveragePool: averages.map(({ geometry, x }) => of(geometry, normal(...x))),
  AveragePoolInputGradient: averages.map(({ geometry, x, y }) =>
    of({ ...geometry, inputShape: x }, normal(...y)),
  ),
  Standardize: [of({ epsilon: 1e-5 }, normal(3, 5)), of({ epsilon: 0.1 }, normal(2, 2, 4))],
  Softmax: rows,
  LogSoftmax: rows,
  UpsampleNearest: [of({ scale: 2 }, normal(1, 2, 2, 3)), of({ scale: 3 }, normal(1, 1, 2, 1))],
  DownsampleSum: [of({ scale: 2 }, normal(1, 2, 4, 6)), of({ scale: 3 }, normal(1, 1, 6, 3))],
};

/** Content for an input: `floatType` for the float draws. */
export function drawTensor({ shape, draw }: InputCase, random: Random, floatType: DType = 'float64'): Tensor {
  const count = elementCount(shape);
  const each = (element: (index: number) => number) =>
    Array.from({ length: count }, (_, index) => element(index));
  if (typeof draw === 'object')
    return tensorOf(
      'int64',
      shape,
      each(() => random.integer(draw.below)),
    );
  switch (draw) {
    case 'normal':
      return tensorOf(
        floatType,
        shape,
        each(() => random.normal()),
      );
    case 'positive':
      return tensorOf(
        floatType,
        shape,
        each(() => 0.5 + 2 * random.uniform()),
      );
    case 'bool':
      return tensorOf(
        'bool',
        shape,
        each(() => random.integer(2)),
      );
    case 'distinct': {
      const order = random.permutation(count);
      return tensorOf(
        floatType,
        shape,
        each((index) => 0.1 * (order[index]! - count / 2) + 0.05),
      );
    }
  }
}
