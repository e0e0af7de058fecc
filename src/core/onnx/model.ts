/** @file An ONNX model as plain data: the part of `onnx.proto` that this program writes and reads. */
import type { Tensor, TensorType } from '../tensor/tensor.ts';

export type OnnxAttribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'tensor'; readonly value: Tensor };

export interface OnnxNode {
  readonly opType: string;
  readonly domain: string;
  readonly name: string;
  /** '' stands for an optional input that is not given. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxModel {
  readonly producer: string;
  readonly irVersion: number;
  /** Domain ('' is the standard one) → version. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graphName: string;
  readonly inputs: ReadonlyMap<string, TensorType>;
  readonly outputs: ReadonlyMap<string, TensorType>;
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly nodes: readonly OnnxNode[];
}

export const intAttribute = (value: number): OnnxAttribute => ({ kind: 'int', value });
export const floatAttribute = (value: number): OnnxAttribute => ({ kind: 'float', value });
export const intsAttribute = (value: readonly number[]): OnnxAttribute => ({ kind: 'ints', value });
export const stringAttribute = (value: string): OnnxAttribute => ({ kind: 'string', value });
