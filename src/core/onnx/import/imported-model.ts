/** @file What a model file becomes: a graph of this program's own operators, with the file's weights as named constants. */
import type { Graph, Value } from '../../graph/graph.ts';
import type { Shape } from '../../tensor/tensor.ts';

export interface ImportOptions {
  /** The whole shape of every input that the wanted outputs need: symbolic dimensions get their extents here. */
  readonly inputShapes: ReadonlyMap<string, Shape>;
  /** Names of the wanted outputs; all of the file's without it. */
  readonly outputs?: readonly string[];
}

/** Floats are float32 whatever the file holds: half-precision weights are widened, casts between float types fall away. */
export interface ImportedModel {
  readonly graph: Graph;
  /** By the names in the file. */
  readonly inputs: ReadonlyMap<string, Value>;
  readonly outputs: ReadonlyMap<string, Value>;
  /** Named constants of `graph` on which an output depends, by the names in the file: what can be trained and attributed to. */
  readonly parameters: ReadonlyMap<string, Value>;
}
