/** @file Which operators a model file uses, how often, and which of them cannot be read. */
import { importRuleOf, operatorKey } from '../../core/onnx/import/import-rules.ts';
import type { OnnxGraph, OnnxNode } from '../../core/onnx/model.ts';
import type { ModelReport } from '../../contract/models-service.ts';

export type OperatorSurvey = Pick<ModelReport, 'operators' | 'refusals'>;

/** Of a model whose functions are inlined. Nodes inside branches count like all others. */
export function surveyOperators(model: OnnxGraph): OperatorSurvey {
  const counts = new Map<string, { count: number; supported: boolean }>();
  const refusals: ModelReport['refusals'] = [];
  for (const node of allNodes(model)) {
    const name = operatorKey(node);
    const supported = isSupported(node);
    counts.set(name, { count: (counts.get(name)?.count ?? 0) + 1, supported });
    if (!supported)
      refusals.push({ node: nodeName(node), op: name, reason: 'this operator is not supported' });
  }
  const operators = [...counts]
    .map(([name, entry]) => ({ name, ...entry }))
    .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name));
  return { operators, refusals };
}

/** The nodes of a graph, each followed by those of the branches inside it. */
export function* allNodes(graph: Pick<OnnxGraph, 'nodes'>): Generator<OnnxNode> {
  for (const node of graph.nodes) {
    yield node;
    for (const attribute of node.attributes.values()) {
      if (attribute.kind === 'graph') yield* allNodes(attribute.value);
      if (attribute.kind === 'graphs') for (const inner of attribute.value) yield* allNodes(inner);
    }
  }
}

/** Exporters leave many nodes without a name: the first thing such a node makes names it. */
export function nodeName({ name, outputs }: OnnxNode): string {
  return name === '' ? (outputs.find((output) => output !== '') ?? '(unnamed)') : name;
}

/** A branch is read where its condition is fixed; its import says so. */
function isSupported(node: OnnxNode): boolean {
  return node.opType === 'If' || importRuleOf(operatorKey(node)) !== null;
}
