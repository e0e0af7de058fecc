/** @file Local functions of a model replaced by their bodies: what is left uses operators of known domains only. */
import { AppError } from '../base/app-error.ts';
import type { OnnxAttribute, OnnxFunction, OnnxGraph, OnnxModel, OnnxNode } from './model.ts';
import { bodiesIn, bodiesOf } from './needed-names.ts';
import { meansTheSame } from './operator-changes.ts';

/** Calls within calls; exporters make a function per module, so as deep as modules are nested. */
const MAX_DEPTH = 64;
/** Functions that call others twice, which call others twice …, can stand for more nodes than any machine holds. */
const MAX_NODES = 200_000;

/**
 * The same model without functions. Values of bodies get fresh names, references to attributes become the call's attributes or the
 * function's defaults.
 * @throws AppError model-invalid where a function calls itself, is called with too much, or was written for an incompatible version
 */
export function inlineFunctions(model: OnnxModel): OnnxModel {
  if (model.functions.length === 0) return model;
  const inliner = new Inliner(model);
  return { ...model, nodes: inliner.expand(model.nodes, null), opsets: inliner.opsets, functions: [] };
}

/** One call being replaced. */
interface Frame {
  readonly callee: OnnxFunction;
  readonly call: OnnxNode;
  readonly caller: Frame | null;
  readonly depth: number;
  /** Name in the body → name in the model. */
  readonly names: Map<string, string>;
}

class Inliner {
  readonly opsets: Map<string, number>;
  readonly #functions: ReadonlyMap<string, OnnxFunction>;
  readonly #usedNames: Set<string>;
  readonly #counters = new Map<string, number>();
  #nodeCount = 0;

  constructor(model: OnnxModel) {
    this.opsets = new Map(model.opsets);
    this.#functions = new Map(model.functions.map((one) => [keyOf(one.domain, one.name), one]));
    this.#usedNames = new Set(namesOf(model));
  }

  /** `frame` is null for the model's own nodes, whose names stay. */
  expand(nodes: readonly OnnxNode[], frame: Frame | null): OnnxNode[] {
    return nodes.flatMap((node) => {
      const resolved = this.#resolve(node, frame);
      const callee = this.#functions.get(keyOf(node.domain, node.opType));
      this.#charge(1);
      if (callee !== undefined) return this.#inline(callee, resolved, frame);
      if (frame !== null) this.#importOperatorSet(node, frame.callee);
      return [resolved];
    });
  }

  #inline(callee: OnnxFunction, call: OnnxNode, caller: Frame | null): OnnxNode[] {
    const depth = (caller?.depth ?? 0) + 1;
    for (let outer = caller; outer !== null; outer = outer.caller) {
      if (outer.callee === callee) throw invalid(`its function ${callee.name} calls itself`);
    }
    if (depth > MAX_DEPTH) throw invalid(`its functions call each other more than ${MAX_DEPTH} deep`);
    if (call.inputs.length > callee.inputs.length || call.outputs.length > callee.outputs.length) {
      throw invalid(`its function ${callee.name} is used with more inputs or outputs than it has`);
    }
    const names = new Map(callee.inputs.map((name, index) => [name, call.inputs[index] ?? '']));
    const copies: OnnxNode[] = [];
    callee.outputs.forEach((name, index) => {
      const target = call.outputs[index] ?? '';
      const known = names.get(name);
      if (target === '') return;
      // What a function hands through has two names in the model.
      if (known === undefined) names.set(name, target);
      else copies.push(identity(known, target));
    });
    return [...this.expand(callee.nodes, { callee, call, caller, depth, names }), ...copies];
  }

  /** The node as it stands in the model: names, attributes and bodies of the place where it is used. */
  #resolve(node: OnnxNode, frame: Frame | null): OnnxNode {
    const hasBodies = bodiesOf(node).length > 0;
    if (frame === null && !hasBodies) return node;
    const attributes = new Map<string, OnnxAttribute>();
    for (const [name, attribute] of node.attributes) {
      const resolved = this.#resolveAttribute(attribute, frame);
      if (resolved !== null) attributes.set(name, resolved);
    }
    const rename = (name: string): string => this.#rename(name, frame);
    return {
      ...node,
      name: frame === null ? node.name : `${frame.call.name}/${node.name}`,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
      attributes,
    };
  }

  /** null: the call gives no value and there is no default. */
  #resolveAttribute(attribute: OnnxAttribute, frame: Frame | null): OnnxAttribute | null {
    switch (attribute.kind) {
      case 'reference': {
        if (frame === null) throw invalid(`it refers to attribute ${attribute.value} outside a function`);
        const { call, callee } = frame;
        const given = call.attributes.get(attribute.value) ?? callee.attributeDefaults.get(attribute.value);
        this.#charge(bodiesIn(given).reduce((count, body) => count + sizeOf(body), 0));
        return given ?? null;
      }
      case 'graph':
        return { kind: 'graph', value: this.#resolveBody(attribute.value, frame) };
      case 'graphs':
        return { kind: 'graphs', value: attribute.value.map((body) => this.#resolveBody(body, frame)) };
      default:
        return attribute;
    }
  }

  #resolveBody(body: OnnxGraph, frame: Frame | null): OnnxGraph {
    const renameKeys = <Item>(items: ReadonlyMap<string, Item>): Map<string, Item> =>
      new Map([...items].map(([name, item]) => [this.#rename(name, frame), item]));
    return {
      graphName: body.graphName,
      inputs: renameKeys(body.inputs),
      outputs: renameKeys(body.outputs),
      initializers: renameKeys(body.initializers),
      nodes: this.expand(body.nodes, frame),
    };
  }

  #rename(name: string, frame: Frame | null): string {
    if (frame === null || name === '') return name;
    const known = frame.names.get(name);
    if (known !== undefined) return known;
    const fresh = this.#freshName(`${frame.call.name}/${name}`);
    frame.names.set(name, fresh);
    return fresh;
  }

  /** What is made of the functions is counted as it is made. */
  #charge(nodeCount: number): void {
    this.#nodeCount += nodeCount;
    if (this.#nodeCount > MAX_NODES) throw invalid(`its functions stand for over ${MAX_NODES} nodes`);
  }

  #freshName(wanted: string): string {
    let name = wanted;
    while (this.#usedNames.has(name)) {
      const count = (this.#counters.get(wanted) ?? 0) + 1;
      this.#counters.set(wanted, count);
      name = `${wanted}_${count}`;
    }
    this.#usedNames.add(name);
    return name;
  }

  /** The body's operators keep their meaning only in a compatible version of their operator set. */
  #importOperatorSet({ domain, opType }: OnnxNode, { name, opsets }: OnnxFunction): void {
    const wanted = opsets.get(domain);
    const found = this.opsets.get(domain);
    if (wanted === undefined || wanted === found) return;
    if (found === undefined) this.opsets.set(domain, wanted);
    else if (domain !== '' || !meansTheSame(opType, wanted, found)) {
      const versions = `version ${wanted} of operator set “${domain}”, the model for ${found}`;
      throw invalid(`its function ${name} is written for ${versions}, where ${opType} means something else`);
    }
  }
}

function keyOf(domain: string, name: string): string {
  return `${domain}:${name}`;
}

function namesOf(graph: OnnxGraph): string[] {
  return [
    ...graph.inputs.keys(),
    ...graph.outputs.keys(),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap((node) => [
      ...node.inputs,
      ...node.outputs,
      ...bodiesOf(node).flatMap((body) => namesOf(body)),
    ]),
  ];
}

/** Nodes and bodies in a body. */
function sizeOf({ nodes }: OnnxGraph): number {
  const inner = nodes.flatMap(bodiesOf).reduce((count, body) => count + sizeOf(body), 0);
  return 1 + nodes.length + inner;
}

function identity(from: string, to: string): OnnxNode {
  return { opType: 'Identity', domain: '', name: to, inputs: [from], outputs: [to], attributes: new Map() };
}

function invalid(reason: string): AppError {
  return new AppError('model-invalid', { reason });
}
