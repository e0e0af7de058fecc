/** @file The port through which core runs a compiled program; the engine implements it over ONNX Runtime. */
import type { Profile } from '../compiler/lower/lowerings.ts';
import type { Tensor, TensorType } from '../tensor/tensor.ts';

/** A compiled graph: an ONNX model as bytes, and the types of what goes in and comes out. */
export interface Program {
  readonly onnx: Uint8Array;
  /** Weights that lie outside the model, by the location that it states; not given: it is whole. */
  readonly weights?: ReadonlyMap<string, Uint8Array>;
  readonly inputs: ReadonlyMap<string, TensorType>;
  readonly outputs: ReadonlyMap<string, TensorType>;
  /** What its values take at least while it runs, weights included, in bytes; not given: unknown. */
  readonly liveBytes?: number;
}

/**
 * The tensor in the ONNX file behind an output. A program may take and give a value of one name, such as the parameters in a training
 * step; tensors in a file may not share one.
 */
export function outputTensorName(inputs: Program['inputs'], output: string): string {
  return inputs.has(output) ? `next:${output}` : output;
}

export type Feeds = Readonly<Record<string, Tensor>>;
export type Fetches = Record<string, Tensor>;

export interface Session {
  /** Runs once. `outputs` limits what is fetched; all by default. */
  run(feeds: Feeds, outputs?: readonly string[]): Promise<Fetches>;
  dispose(): Promise<void>;
}

export interface Executor {
  /** What programs should be compiled for; those of other profiles run too, perhaps slower. */
  readonly profile: Profile;
  /** Programs that take more are refused with memory-exhausted; not given: whatever they take. */
  readonly memoryBytes?: number;
  open(program: Program): Promise<Session>;
}
