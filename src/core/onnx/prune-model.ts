/** @file An ONNX model reduced to what chosen outputs need. */
import type { OnnxModel, OnnxValueType } from './model.ts';
import { neededNames } from './needed-names.ts';

/**
 * The model with `outputs` for outputs, which may name any value of its graph, and without the nodes, initializers and inputs that
 * those do not depend on. Call it after `inlineFunctions`: functions are kept as they are.
 */
export function pruneModel(model: OnnxModel, outputs: Iterable<string>): OnnxModel {
  const wanted = [...outputs];
  const needed = neededNames(model, wanted);
  const keep = <Item>(items: ReadonlyMap<string, Item>): Map<string, Item> =>
    new Map([...items].filter(([name]) => needed.has(name)));
  return {
    ...model,
    inputs: keep(model.inputs),
    outputs: new Map(wanted.map((name) => [name, typeOfValue(model, name)])),
    initializers: keep(model.initializers),
    nodes: model.nodes.filter((node) => node.outputs.some((name) => needed.has(name))),
  };
}

/** Inner values have no stated type. */
function typeOfValue(model: OnnxModel, name: string): OnnxValueType | null {
  return model.outputs.get(name) ?? model.inputs.get(name) ?? null;
}
