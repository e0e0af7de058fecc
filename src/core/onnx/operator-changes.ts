/** @file When standard operators changed what their inputs or attributes mean; versions that only add types or options are not listed. */

/** Operator → the operator-set versions that read the same node in another way than those before. */
const changes: Readonly<Record<string, readonly number[]>> = {
  Add: [7],
  And: [7],
  AveragePool: [19],
  BatchNormalization: [7, 9, 14],
  Cast: [6],
  Clip: [6, 11],
  Concat: [4],
  Div: [7],
  Dropout: [7, 12],
  Equal: [7],
  Gemm: [7],
  GlobalLpPool: [2],
  Greater: [7],
  GroupNormalization: [21],
  Hardmax: [13],
  InstanceNormalization: [6],
  Less: [7],
  LogSoftmax: [13],
  Loop: [11],
  LpPool: [2],
  Mul: [7],
  Or: [7],
  PRelu: [7],
  Pad: [2, 11],
  Pow: [7],
  ReduceL1: [18],
  ReduceL2: [18],
  ReduceLogSum: [18],
  ReduceLogSumExp: [18],
  ReduceMax: [18],
  ReduceMean: [18],
  ReduceMin: [18],
  ReduceProd: [18],
  ReduceSum: [13],
  ReduceSumSquare: [18],
  Reshape: [5],
  Resize: [11],
  Scan: [9],
  Slice: [10],
  Softmax: [13],
  Split: [2, 13],
  Squeeze: [13],
  Sub: [7],
  Tile: [6],
  TopK: [10],
  Unsqueeze: [13],
  Upsample: [7, 9],
  Xor: [7],
};

/** Whether a node of the standard domain means the same in both operator sets. */
export function meansTheSame(opType: string, version: number, other: number): boolean {
  const [low, high] = [Math.min(version, other), Math.max(version, other)];
  return !(changes[opType] ?? []).some((change) => change > low && change <= high);
}
