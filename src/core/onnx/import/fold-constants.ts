/**
 * @file Nodes whose inputs are all known are computed while the file is read: exported files are full of arithmetic on shapes, and all
 * shapes are known here. The reference semantics compute them, in a graph of their own.
 */
import { present } from '../../base/assert.ts';
import { Graph, type Value } from '../../graph/graph.ts';
import { interpret } from '../../execution/reference-interpreter.ts';
import { numbersOf, tensorOf } from '../../tensor/tensor.ts';

/** Whether `value` is known and has no name of its own. */
export function isPlainConstant(value: Value): boolean {
  return value.source.kind === 'constant' && value.source.name === null;
}

/**
 * What `build` makes of the known `inputs`, as constants of `target`. `build` gets the graph to build in and a constant there
 * for each of the inputs.
 */
export function foldConstants(
  target: Graph,
  build: (graph: Graph, stand: (value: Value) => Value) => readonly Value[],
): readonly Value[] {
  const scratch = new Graph();
  const standIns = new Map<Value, Value>();
  const built = build(scratch, (value) => {
    if (value.source.kind !== 'constant') return value;
    const known = standIns.get(value);
    if (known !== undefined) return known;
    const standIn = scratch.constant(value.source.tensor);
    standIns.set(value, standIn);
    return standIn;
  });
  const computed = built.filter(({ source }) => source.kind === 'node');
  const tensors = new Map(
    interpret(scratch, computed, {}).map((tensor, index) => [computed[index]!, tensor]),
  );
  return built.map((value) => {
    if (value.source.kind === 'constant') return target.constant(value.source.tensor);
    const tensor = present(tensors.get(value), 'a folded value');
    const { dtype } = value.type;
    return target.constant(
      tensor.dtype === dtype ? tensor : tensorOf(dtype, tensor.shape, numbersOf(tensor)),
    );
  });
}
