/** @file An ONNX model as plain data: the part of `onnx.proto` that this program reads and writes. */
import type { DType, Tensor } from '../tensor/tensor.ts';

/** An extent: a number, a name that stands for one ("batch"), or null where the file leaves it open. */
export type Dimension = number | string | null;

export interface OnnxValueType {
  readonly dtype: DType;
  /** null: not even the rank is stated. */
  readonly shape: readonly Dimension[] | null;
}

export type OnnxAttribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'graph'; readonly value: OnnxGraph }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensors'; readonly value: readonly Tensor[] }
  | { readonly kind: 'graphs'; readonly value: readonly OnnxGraph[] }
  /** In a function's body: the attribute of this name at the call. */
  | { readonly kind: 'reference'; readonly value: string };

export interface OnnxNode {
  readonly opType: string;
  /** '' is the standard domain, which files also call `ai.onnx`. */
  readonly domain: string;
  readonly name: string;
  /** '' stands for an optional input that is not given. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** The model's graph, or the body of a branch or loop, which also sees the values of the graphs around it. */
export interface OnnxGraph {
  readonly graphName: string;
  /** What has to be fed; null where the type is not stated or is not a tensor's (bodies only). */
  readonly inputs: ReadonlyMap<string, OnnxValueType | null>;
  /** null where the type is not stated. */
  readonly outputs: ReadonlyMap<string, OnnxValueType | null>;
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly nodes: readonly OnnxNode[];
  /** Types of inner values, as far as the file states them: for people, nothing is computed from them. */
  readonly statedTypes?: ReadonlyMap<string, OnnxValueType>;
}

/** An operator that the model defines itself: a node of this domain and operator type stands for `nodes`. */
export interface OnnxFunction {
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes without a default; a call that leaves one out leaves it out of the nodes that refer to it. */
  readonly attributes: readonly string[];
  readonly attributeDefaults: ReadonlyMap<string, OnnxAttribute>;
  readonly opsets: ReadonlyMap<string, number>;
  readonly nodes: readonly OnnxNode[];
}

export interface OnnxModel extends OnnxGraph {
  readonly producer: string;
  readonly irVersion: number;
  /** Domain ('' is the standard one) → version. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly inputs: ReadonlyMap<string, OnnxValueType>;
  readonly functions: readonly OnnxFunction[];
}

export const intAttribute = (value: number): OnnxAttribute => ({ kind: 'int', value });
export const floatAttribute = (value: number): OnnxAttribute => ({ kind: 'float', value });
export const intsAttribute = (value: readonly number[]): OnnxAttribute => ({ kind: 'ints', value });
export const stringAttribute = (value: string): OnnxAttribute => ({ kind: 'string', value });
