/** @file What a kernel had to do, from ONNX Runtime's profile: multiplications counted as two operations each, and bytes in and out. */
export interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: {
    readonly op_name?: string;
    readonly activation_size?: string;
    readonly parameter_size?: string;
    readonly output_size?: string;
    readonly input_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
    readonly output_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
  };
}

export function bytesOf({ args = {} }: ProfileEvent): number {
  const { activation_size = 0, parameter_size = 0, output_size = 0 } = args;
  return Number(activation_size) + Number(parameter_size) + Number(output_size);
}

/** 0 for kernels whose arithmetic is nothing beside their bytes. */
export function operationsOf({ args = {} }: ProfileEvent): number {
  const [a, b] = (args.input_type_shape ?? []).map(shapeOf);
  const [output] = (args.output_type_shape ?? []).map(shapeOf);
  if (a === undefined || b === undefined || output === undefined) return 0;
  const kernel = args.op_name ?? '';
  if (kernel.endsWith('Conv')) return 2 * product(output) * product(b.slice(1));
  if (!['MatMul', 'FusedMatMul', 'Gemm'].includes(kernel)) return 0;
  const inner = [a.at(-1), a.at(-2)].find((extent) => extent === b.at(-2) || extent === b.at(-1));
  return 2 * product(output) * (inner ?? 0);
}

/** The profile names the element type of every shape. */
function shapeOf(typed: Readonly<Record<string, readonly number[]>>): readonly number[] {
  return Object.values(typed)[0]!;
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, extent) => total * extent, 1);
}
