/**
 * @file ONNX model → graph. Every node of the file is turned by its operator's rule into operators of this program; what is known already
 * (shapes, and everything computed from them) is computed on the way, so that the graph has fixed shapes throughout.
 */
import { AppError } from '../../base/app-error.ts';
import { copyForBatch } from '../../compiler/for-batch.ts';
import { Graph, nodesReaching, type Value } from '../../graph/graph.ts';
import { printShape } from '../../tensor/shape.ts';
import type { TensorType } from '../../tensor/tensor.ts';
import { inlineFunctions } from '../inline-functions.ts';
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxValueType } from '../model.ts';
import { pruneModel } from '../prune-model.ts';
import { importedType } from './as-float32.ts';
import { dequantizeWeights } from './dequantize-weights.ts';
import { foldConstants, isPlainConstant } from './fold-constants.ts';
import { hoistConstants } from './hoist-constants.ts';
import { ImportSite, nodeLabel } from './import-site.ts';
import { importRuleOf, operatorKey, supportedOperators } from './import-rules.ts';
import type { ImportedModel, ImportOptions } from './imported-model.ts';
import { refusedOperators } from './refused-operators.ts';
import { chooseBranch } from './rules/control-flow.ts';
import { Scope } from './scope.ts';

/** Throws `model-unsupported-op`, `model-unsupported` or `model-shape-mismatch`, naming the node or the input. */
export function importModel(model: OnnxModel, { inputShapes, outputs }: ImportOptions): ImportedModel {
  const wanted = outputs ?? [...model.outputs.keys()];
  const needed = pruneModel(dequantizeWeights(hoistConstants(inlineFunctions(model))), wanted);
  const single = isForOneSample(needed, inputShapes) ? singleSample(inputShapes) : null;
  return single === null
    ? importExactly(needed, wanted, inputShapes)
    : forBatch(importExactly(needed, wanted, single), inputShapes);
}

function importExactly(
  needed: OnnxModel,
  wanted: readonly string[],
  inputShapes: ImportOptions['inputShapes'],
): ImportedModel {
  const importer = new Importer(needed.opsets);
  const inputs = new Map<string, Value>();
  const scope = new Scope(importer.graph, needed.initializers, null);
  for (const [name, declared] of needed.inputs) {
    if (needed.initializers.has(name)) continue;
    const value = importer.graph.input(name, inputType(name, declared, inputShapes));
    inputs.set(name, value);
    scope.define(name, value);
  }
  importer.importNodes(needed, scope);
  const made = new Map(wanted.map((name) => [name, resolveOutput(scope, name)]));
  return { graph: importer.graph, inputs, outputs: made, parameters: usedParameters(importer.graph, made) };
}

/** Whether the file fixes its batch to one sample where more are asked for. */
function isForOneSample({ inputs }: OnnxModel, inputShapes: ImportOptions['inputShapes']): boolean {
  return [...inputs].some(([name, { shape }]) => shape?.[0] === 1 && (inputShapes.get(name)?.[0] ?? 1) > 1);
}

function singleSample(inputShapes: ImportOptions['inputShapes']): ImportOptions['inputShapes'] {
  return new Map([...inputShapes].map(([name, shape]) => [name, shape.with(0, 1)]));
}

/** The model of one sample, for as many as the shapes say. */
function forBatch(single: ImportedModel, inputShapes: ImportOptions['inputShapes']): ImportedModel {
  const graph = new Graph();
  const inputs = new Map(
    [...single.inputs].map(([name, { type }]) => [
      name,
      graph.input(name, { dtype: type.dtype, shape: inputShapes.get(name)! }),
    ]),
  );
  const counterparts = new Map([...single.inputs].map(([name, value]) => [value, inputs.get(name)!]));
  const copies = copyForBatch(graph, [...single.outputs.values()], counterparts);
  const outputs = new Map([...single.outputs.keys()].map((name, index) => [name, copies[index]!]));
  return { graph, inputs, outputs, parameters: usedParameters(graph, outputs) };
}

/** The declared type with the caller's extents; floats are float32. */
function inputType(
  name: string,
  { dtype, shape: declared }: OnnxValueType,
  inputShapes: ImportOptions['inputShapes'],
): TensorType {
  const shape = inputShapes.get(name);
  const expected = `[${declared?.map((extent) => extent ?? '?').join(',') ?? '…'}]`;
  const fits =
    shape !== undefined &&
    (declared === null ||
      (declared.length === shape.length &&
        declared.every((extent, axis) => typeof extent !== 'number' || extent === shape[axis])));
  if (!fits) {
    const found = shape === undefined ? 'no shape' : printShape(shape);
    throw new AppError('model-shape-mismatch', { input: name, expected, found });
  }
  return { dtype: importedType(dtype), shape };
}

function resolveOutput(scope: Scope, name: string): Value {
  const value = scope.resolve(name, 'frozen');
  if (value === null)
    throw new AppError('model-invalid', { reason: `it does not compute its output ${name}` });
  return value;
}

function usedParameters(graph: Graph, outputs: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  const operands = nodesReaching(graph, [...outputs.values()]).flatMap((node) => node.inputs);
  return new Map(
    operands.flatMap((value): [string, Value][] =>
      value.source.kind === 'constant' && value.source.name !== null ? [[value.source.name, value]] : [],
    ),
  );
}

/** Shapes and attributes that do not fit each other are the file's fault, though an operator's own checks find them. */
function asInvalidNode(node: OnnxNode, cause: unknown): unknown {
  if (cause instanceof AppError || !(cause instanceof Error)) return cause;
  const problem = cause.message.replace(/^internal: /, '');
  return new AppError(
    'model-invalid',
    { reason: `at node ${nodeLabel(node)} (${node.opType}): ${problem}` },
    { cause },
  );
}

/** They give a weight another shape or order, as exporters do with the matrices of linear layers: it is a weight all the same. */
const TURNING: ReadonlySet<string> = new Set(['Cast', 'Reshape', 'Squeeze', 'Transpose', 'Unsqueeze']);

function turnsWeight(node: OnnxNode, scope: Scope): boolean {
  return TURNING.has(node.opType) && scope.holdsWeight(node.inputs[0] ?? '');
}

/** No values are left: whether the result is a parameter is decided where it is used. */
function defineWeights(node: OnnxNode, scope: Scope, folded: readonly Value[]): readonly Value[] {
  folded.forEach(({ source }, index) => {
    if (source.kind === 'constant') scope.defineWeight(node.outputs[index]!, source.tensor);
  });
  return [];
}

class Importer {
  readonly graph = new Graph();
  readonly #opsets: OnnxModel['opsets'];

  constructor(opsets: OnnxModel['opsets']) {
    this.#opsets = opsets;
  }

  importNodes(source: OnnxGraph, scope: Scope): void {
    for (const node of source.nodes) {
      const results = node.opType === 'If' ? this.#branch(node, scope) : this.#node(node, scope);
      node.outputs.forEach((name, index) => {
        const result = results[index];
        if (name !== '' && result !== undefined) scope.define(name, result);
      });
    }
  }

  /** The branch that is taken, as if it stood in place of the If. */
  #branch(node: OnnxNode, scope: Scope): readonly Value[] {
    const taken = chooseBranch(this.#site(this.graph, node, scope, (value) => value));
    const inner = new Scope(this.graph, taken.initializers, scope);
    this.importNodes(taken, inner);
    return [...taken.outputs.keys()].map((name) => resolveOutput(inner, name));
  }

  #node(node: OnnxNode, scope: Scope): readonly Value[] {
    const rule = importRuleOf(operatorKey(node)) ?? this.#refuse(node, scope);
    const operands = node.inputs.map((name) => scope.peek(name));
    const isKnown = operands.every((operand) => operand === null || isPlainConstant(operand));
    try {
      if (!isKnown) return rule.build(this.#site(this.graph, node, scope, (value) => value));
      const folded = foldConstants(this.graph, (graph, stand) =>
        rule.build(this.#site(graph, node, scope, stand)),
      );
      return turnsWeight(node, scope) ? defineWeights(node, scope, folded) : folded;
    } catch (cause) {
      throw asInvalidNode(node, cause);
    }
  }

  /** An operator without a rule: refused with advice where there is some. */
  #refuse(node: OnnxNode, scope: Scope): never {
    const op = operatorKey(node);
    const advice = refusedOperators[op];
    const site = this.#site(this.graph, node, scope, (value) => value);
    if (advice !== undefined) site.refuse(advice);
    throw new AppError('model-unsupported-op', {
      node: nodeLabel(node),
      op,
      supported: supportedOperators.join(', '),
    });
  }

  /** The standard domain has two names. */
  #opsetOf(domain: string): number {
    const names = domain === '' || domain === 'ai.onnx' ? ['', 'ai.onnx'] : [domain];
    return names.map((name) => this.#opsets.get(name)).find((version) => version !== undefined) ?? 1;
  }

  #site(graph: Graph, node: OnnxNode, scope: Scope, stand: (value: Value) => Value): ImportSite {
    return new ImportSite({
      graph,
      node,
      opset: this.#opsetOf(node.domain),
      resolve: (name, role) => {
        if (name === '') return null;
        const value = scope.resolve(name, role);
        if (value === null) {
          throw new AppError('model-invalid', {
            reason: `node ${nodeLabel(node)} reads ${name}, which nothing makes`,
          });
        }
        return stand(value);
      },
    });
  }
}
