/**
 * @file The closed set of operators of the intermediate representation, with their typed attributes.
 * Names follow ONNX where the meaning is ONNX's. The rest are macro operators: they stand for a family of ONNX nodes and are
 * lowered per execution profile (`compiler/lower`). Convolution and its two gradients are the three slots of one trilinear form,
 * so the set is closed under differentiation.
 */
export type NoAttributes = Readonly<Record<string, never>>;

/** Shared by the convolution family. x: [N, C, H, W]; w: [O, C/group, kh, kw]; pads: [top, left, bottom, right]. */
export interface ConvGeometry {
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly group: number;
}

export interface PoolGeometry {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  /** Round the output extent up instead of down (ONNX `ceil_mode`). */
  readonly ceil: boolean;
}

export interface ReduceAttributes {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

export interface OpAttributes {
  // element-wise, with numpy broadcasting
  Add: NoAttributes;
  Sub: NoAttributes;
  Mul: NoAttributes;
  Div: NoAttributes;
  Pow: NoAttributes;
  Max: NoAttributes;
  Min: NoAttributes;
  // element-wise, one input
  Neg: NoAttributes;
  Abs: NoAttributes;
  Sign: NoAttributes;
  Exp: NoAttributes;
  Log: NoAttributes;
  Sqrt: NoAttributes;
  Reciprocal: NoAttributes;
  Sigmoid: NoAttributes;
  Tanh: NoAttributes;
  Erf: NoAttributes;
  Floor: NoAttributes;
  Sin: NoAttributes;
  Cos: NoAttributes;
  Relu: NoAttributes;
  /** Into [low, high]; an infinite bound bounds nothing. */
  Clip: { readonly low: number; readonly high: number };
  /** 1 where the input is > 0, else 0; its own gradient is zero. */
  ReluMask: NoAttributes;
  StopGradient: NoAttributes;
  Cast: { readonly to: import('../tensor/tensor.ts').DType };
  // comparisons and selection
  Equal: NoAttributes;
  Greater: NoAttributes;
  GreaterOrEqual: NoAttributes;
  Less: NoAttributes;
  LessOrEqual: NoAttributes;
  And: NoAttributes;
  Or: NoAttributes;
  Not: NoAttributes;
  Where: NoAttributes;
  ArgMax: { readonly axis: number; readonly keepDims: boolean };
  /** Int64 positions of the `count` largest (or smallest) along the last axis, best first; of equal ones the first comes first. */
  TopK: { readonly count: number; readonly largest: boolean };
  // movement
  Reshape: { readonly shape: readonly number[] };
  Transpose: { readonly permutation: readonly number[] };
  Expand: { readonly shape: readonly number[] };
  /** Normalised: one entry per axis; step may be negative (then end may be −1 for "past the first"). */
  Slice: {
    readonly starts: readonly number[];
    readonly ends: readonly number[];
    readonly steps: readonly number[];
  };
  Pad: { readonly before: readonly number[]; readonly after: readonly number[]; readonly value: number };
  Concat: { readonly axis: number };
  /** inputs: data, int64 indices (non-negative). */
  Gather: { readonly axis: number };
  /** The adjoint of Gather: adds rows of the first input into a zero tensor of `shape` at int64 indices. */
  ScatterAdd: { readonly axis: number; readonly shape: readonly number[] };
  /** inputs: data, int64 indices (non-negative) of the same rank: y[…, i, …] = data[…, indices[…, i, …], …]. */
  GatherElements: { readonly axis: number };
  /** The adjoint of GatherElements: adds the elements of the first input into a zero tensor of `shape` at int64 indices. */
  ScatterElementsAdd: { readonly axis: number; readonly shape: readonly number[] };
  // reductions
  ReduceSum: ReduceAttributes;
  ReduceMean: ReduceAttributes;
  ReduceMax: ReduceAttributes;
  ReduceMin: ReduceAttributes;
  // linear
  MatMul: { readonly transposeA: boolean; readonly transposeB: boolean };
  // macro operators
  /** inputs: x, w, and optionally a bias [O]. */
  Conv: ConvGeometry;
  /** inputs: dy, w → dx of `inputShape`. */
  ConvInputGradient: ConvGeometry & { readonly inputShape: readonly number[] };
  /** inputs: x, dy → dw of `weightShape`, summed over the batch. */
  ConvWeightGradient: ConvGeometry & { readonly weightShape: readonly number[] };
  /** inputs: x, dy → per-sample dw, [N, ...weightShape]. */
  ConvPerSampleWeightGradient: ConvGeometry & { readonly weightShape: readonly number[] };
  /** outputs: y and int64 flat indices into x (first maximum in window order, as PyTorch chooses). */
  MaxPool: PoolGeometry;
  /** inputs: values, flat indices → zero tensor of `shape` with the values added at the indices. Adjoint of FlatGather. */
  FlatScatterAdd: { readonly shape: readonly number[] };
  /** inputs: x, flat indices → values, shaped like the indices. */
  FlatGather: NoAttributes;
  AveragePool: PoolGeometry & { readonly countPadding: boolean };
  /** inputs: dy → dx of `inputShape`; the adjoint of AveragePool. */
  AveragePoolInputGradient: PoolGeometry & {
    readonly countPadding: boolean;
    readonly inputShape: readonly number[];
  };
  /** Normalises the last axis: outputs x̂ = (x − mean)·r and r = 1/√(variance + epsilon), r with last extent 1. */
  Standardize: { readonly epsilon: number };
  /** Over the last axis. */
  Softmax: NoAttributes;
  /** Over the last axis. */
  LogSoftmax: NoAttributes;
  /** [N, C, H, W] → [N, C, H·scale, W·scale], each value repeated. */
  UpsampleNearest: { readonly scale: number };
  /** The adjoint of UpsampleNearest: sums each scale × scale block. */
  DownsampleSum: { readonly scale: number };
}

export type OpName = keyof OpAttributes;
