/** @file An ONNX model as text: every input, initializer, node and function in a line of its own, bodies indented below their node. */
import { numbersOf, type Tensor } from '../tensor/tensor.ts';
import type { OnnxAttribute, OnnxFunction, OnnxGraph, OnnxModel, OnnxNode, OnnxValueType } from './model.ts';

interface PrintOptions {
  /** Nodes, and initializers, that are printed of the model's graph; the rest is counted. All by default. */
  readonly limit?: number;
}

/** Longer tensors and lists are printed by type, or by their first elements. */
const SHOWN_ELEMENTS = 8;

type Types = ReadonlyMap<string, OnnxValueType | null>;

/** Ends without a line break. Control characters in names are escaped: a model must not steer a terminal. */
export function printModel(model: OnnxModel, { limit = Infinity }: PrintOptions = {}): string {
  return [
    `model ${quote(model.graphName)} by ${quote(model.producer)}, IR version ${model.irVersion}`,
    ...[...model.opsets].map(([domain, version]) => `operator set ${domainName(domain)} ${version}`),
    ...graphLines(model, limit),
    ...model.functions.flatMap(functionLines),
  ].join('\n');
}

function graphLines(graph: OnnxGraph, limit: number): string[] {
  const types: Types = new Map([...(graph.statedTypes ?? []), ...graph.outputs]);
  const initializers = [...graph.initializers].map(([name, { dtype, shape }]) =>
    value(name, { dtype, shape }),
  );
  return [
    ...section(
      'inputs',
      [...graph.inputs].map(([name, type]) => value(name, type)),
    ),
    ...section(
      'outputs',
      [...graph.outputs].map(([name, type]) => value(name, type)),
    ),
    ...section('initializers', cut(initializers, limit, 'initializers')),
    ...section('nodes', nodeLines(graph.nodes, types, limit)),
  ];
}

function nodeLines(nodes: readonly OnnxNode[], types: Types, limit: number): string[] {
  const shown = nodes.slice(0, limit).flatMap((node) => linesOfNode(node, types));
  return [...shown, ...rest(nodes.length, limit, 'nodes')];
}

function linesOfNode(node: OnnxNode, types: Types): string[] {
  const outputs = node.outputs.map((name) => value(name, types.get(name) ?? null)).join(', ');
  const operator = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
  const entries = [...node.attributes];
  const plain = entries.flatMap(([name, attribute]) => {
    const text = attributeText(attribute);
    return text === null ? [] : [`${escape(name)}: ${text}`];
  });
  const braces = plain.length === 0 ? '' : ` {${plain.join(', ')}}`;
  const bodies = entries.flatMap(([name, attribute]) => bodyLines(name, attribute));
  return [
    `${outputs} = ${escape(operator)}(${node.inputs.map(escape).join(', ')})${braces}`,
    ...indent(bodies),
  ];
}

function bodyLines(name: string, attribute: OnnxAttribute): string[] {
  if (attribute.kind === 'graph') {
    return [
      `${escape(name)}: graph ${quote(attribute.value.graphName)}`,
      ...indent(graphLines(attribute.value, Infinity)),
    ];
  }
  if (attribute.kind !== 'graphs') return [];
  return attribute.value.flatMap((body, index) =>
    bodyLines(`${name}[${index}]`, { kind: 'graph', value: body }),
  );
}

function functionLines(one: OnnxFunction): string[] {
  const defaults = [...one.attributeDefaults].map(
    ([name, attribute]) => `${escape(name)} = ${attributeText(attribute) ?? 'graph'}`,
  );
  const attributes = [...one.attributes.map(escape), ...defaults].join(', ');
  const operands = one.inputs.map(escape).join(', ');
  const signature = attributes === '' ? operands : `${operands}; ${attributes}`;
  const results = one.outputs.map(escape).join(', ');
  return [
    `function ${domainName(one.domain)}.${escape(one.name)}(${signature}) → ${results}`,
    ...indent(nodeLines(one.nodes, new Map(), Infinity)),
  ];
}

/** null for graphs, which get lines of their own. */
function attributeText(attribute: OnnxAttribute): string | null {
  switch (attribute.kind) {
    case 'int':
    case 'float':
      return numberText(attribute.value);
    case 'string':
      return quote(attribute.value);
    case 'reference':
      return `@${escape(attribute.value)}`;
    case 'tensor':
      return tensorText(attribute.value);
    case 'ints':
    case 'floats':
      return list(attribute.value.slice(0, SHOWN_ELEMENTS).map(numberText), attribute.value.length);
    case 'strings':
      return list(attribute.value.slice(0, SHOWN_ELEMENTS).map(quote), attribute.value.length);
    case 'tensors':
      return list(attribute.value.slice(0, SHOWN_ELEMENTS).map(tensorText), attribute.value.length);
    case 'graph':
    case 'graphs':
      return null;
  }
}

function tensorText(tensor: Tensor): string {
  const type = typeText(tensor);
  if (tensor.data.length > SHOWN_ELEMENTS) return type;
  return `${type} = ${list(Array.from(numbersOf(tensor), numberText), tensor.data.length)}`;
}

/** A float32 that became a double has digits that nobody wrote: 0.1 would be 0.10000000149011612. */
function numberText(number: number): string {
  return String(Number.isInteger(number) ? number : Number(number.toPrecision(7)));
}

function list(shown: readonly string[], count: number): string {
  return `[${[...shown, ...(count > shown.length ? [`… ${count} in all`] : [])].join(', ')}]`;
}

function value(name: string, type: OnnxValueType | null): string {
  return type === null ? escape(name) : `${escape(name)}: ${typeText(type)}`;
}

function typeText({ dtype, shape }: OnnxValueType): string {
  const extents = shape?.map((extent) => (extent === null ? '?' : escape(String(extent))));
  return `${dtype}[${extents?.join(', ') ?? '…'}]`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...indent(lines)];
}

function cut(lines: readonly string[], limit: number, what: string): string[] {
  return [...lines.slice(0, limit), ...rest(lines.length, limit, what)];
}

function rest(count: number, limit: number, what: string): string[] {
  return count > limit ? [`… ${count - limit} more ${what}`] : [];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function domainName(domain: string): string {
  return domain === '' ? 'ai.onnx' : escape(domain);
}

function quote(text: string): string {
  return `“${escape(text)}”`;
}

function escape(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
