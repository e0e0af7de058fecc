/** @file GraphProto → graph: nodes, initializers, inputs and outputs; bodies of branches and loops by recursion. */
import { AppError } from '../base/app-error.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ReadExternal } from './external-data.ts';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxValueType } from './model.ts';
import { readFields, stringOf } from './proto-reader.ts';
import { readAttribute, type PartReaders } from './read-attribute.ts';
import { readTensor, readTensorName } from './read-tensor.ts';
import { readValueInfo, UNTYPED, type ValueInfo } from './read-types.ts';
import { graphFields, nodeFields, sparseTensorFields } from './schema.ts';

/**
 * A graph, and what of it cannot be held: the name of a value → why. Whether that matters depends on what the value is used for,
 * so the reader of the whole model decides.
 */
export interface GraphReading {
  readonly graph: OnnxGraph;
  readonly inputs: ReadonlyMap<string, OnnxValueType>;
  readonly refusals: ReadonlyMap<string, AppError>;
}

/** Bodies within bodies; exporters need two or three. */
const MAX_DEPTH = 24;

/** The outermost graph: every input must be a tensor, outputs that are none are left out and refused. */
export function readMainGraph(bytes: Uint8Array, readExternal: ReadExternal): GraphReading {
  const refusals = new Map<string, AppError>();
  const parts = readGraphParts(bytes, partReaders(readExternal, 0), (names, error) => {
    for (const name of names) refusals.set(name, error);
  });
  const inputs = new Map<string, OnnxValueType>();
  for (const info of parts.inputs) {
    if (info.type !== null) inputs.set(info.name, info.type);
    else refusals.set(info.name, notATensor(info, 'input'));
  }
  const outputs = new Map<string, OnnxValueType | null>();
  for (const info of parts.outputs) {
    if (info.type !== null || info.kind === UNTYPED) outputs.set(info.name, info.type);
    else refusals.set(info.name, notATensor(info, 'output'));
  }
  return { graph: { ...parts, inputs, outputs }, inputs, refusals };
}

/** The readers for the attributes of nodes `depth` bodies deep. */
export function partReaders(readExternal: ReadExternal, depth: number): PartReaders {
  return {
    tensor: (bytes) => readTensor(bytes, readExternal).tensor,
    graph: (bytes) => readBody(bytes, readExternal, depth + 1),
  };
}

export function readNode(bytes: Uint8Array, readers: PartReaders): OnnxNode {
  const { node, refusal } = readNodeParts(bytes, readers);
  if (refusal !== null) throw refusal;
  return node;
}

function readBody(bytes: Uint8Array, readExternal: ReadExternal, depth: number): OnnxGraph {
  if (depth > MAX_DEPTH) {
    throw new AppError('model-invalid', { reason: `its graphs are nested more than ${MAX_DEPTH} deep` });
  }
  const parts = readGraphParts(bytes, partReaders(readExternal, depth), (_, error) => {
    throw error;
  });
  return { ...parts, inputs: typesOf(parts.inputs), outputs: typesOf(parts.outputs) };
}

function typesOf(infos: readonly ValueInfo[]): Map<string, OnnxValueType | null> {
  return new Map(infos.map(({ name, type }) => [name, type]));
}

interface GraphParts extends Pick<OnnxGraph, 'graphName' | 'nodes' | 'initializers' | 'statedTypes'> {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** `refuse` is told of the values that cannot be held. */
function readGraphParts(
  bytes: Uint8Array,
  readers: PartReaders,
  refuse: (names: readonly string[], error: AppError) => void,
): GraphParts {
  let graphName = '';
  const nodes: OnnxNode[] = [];
  const [inputs, outputs]: [ValueInfo[], ValueInfo[]] = [[], []];
  const initializers = new Map<string, Tensor>();
  const statedTypes = new Map<string, OnnxValueType>();
  for (const field of readFields(bytes)) {
    switch (field.field) {
      case graphFields.name:
        graphName = stringOf(field);
        break;
      case graphFields.node: {
        const { node, refusal } = readNodeParts(field.bytes, readers);
        nodes.push(node);
        if (refusal !== null) refuse(node.outputs, refusal);
        break;
      }
      case graphFields.initializer:
        readInitializer(field.bytes, readers, initializers, refuse);
        break;
      case graphFields.sparseInitializer: {
        const name = readSparseName(field.bytes);
        refuse(
          [name],
          new AppError('model-value-unsupported', { name, role: 'initializer', kind: 'sparse tensor' }),
        );
        break;
      }
      case graphFields.input:
        inputs.push(readValueInfo(field.bytes));
        break;
      case graphFields.output:
        outputs.push(readValueInfo(field.bytes));
        break;
      case graphFields.valueInfo: {
        const { name, type } = readValueInfo(field.bytes);
        if (type !== null) statedTypes.set(name, type);
        break;
      }
    }
  }
  // Files of the first versions list every initializer among the inputs too.
  const fed = inputs.filter(({ name }) => !initializers.has(name));
  const parts = { graphName, nodes, inputs: fed, outputs, initializers };
  return statedTypes.size === 0 ? parts : { ...parts, statedTypes };
}

function readInitializer(
  bytes: Uint8Array,
  readers: PartReaders,
  initializers: Map<string, Tensor>,
  refuse: (names: readonly string[], error: AppError) => void,
): void {
  const name = readTensorName(bytes);
  try {
    initializers.set(name, readers.tensor(bytes));
  } catch (error) {
    refuse([name], asRefusal(error));
  }
}

function readNodeParts(
  bytes: Uint8Array,
  readers: PartReaders,
): { readonly node: OnnxNode; readonly refusal: AppError | null } {
  let [opType, domain, name] = ['', '', ''];
  let refusal: AppError | null = null;
  const [inputs, outputs]: [string[], string[]] = [[], []];
  const attributes = new Map<string, OnnxAttribute>();
  for (const field of readFields(bytes)) {
    switch (field.field) {
      case nodeFields.input:
        inputs.push(stringOf(field));
        break;
      case nodeFields.output:
        outputs.push(stringOf(field));
        break;
      case nodeFields.name:
        name = stringOf(field);
        break;
      case nodeFields.opType:
        opType = stringOf(field);
        break;
      case nodeFields.domain:
        domain = standardDomain(stringOf(field));
        break;
      case nodeFields.attribute:
        try {
          attributes.set(...readAttribute(field.bytes, readers));
        } catch (error) {
          refusal = asRefusal(error);
        }
        break;
    }
  }
  return { node: { opType, domain, name, inputs, outputs, attributes }, refusal };
}

/** The standard domain has two spellings. */
export function standardDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

/** What cannot be held is refused where it is used; what is damaged fails at once. */
function asRefusal(error: unknown): AppError {
  const isRefusal =
    error instanceof AppError &&
    (error.code === 'model-tensor-unsupported' ||
      error.code === 'model-value-unsupported' ||
      error.code === 'model-external-data');
  if (!isRefusal) throw error;
  return error;
}

function readSparseName(bytes: Uint8Array): string {
  for (const field of readFields(bytes)) {
    if (field.field === sparseTensorFields.values) return readTensorName(field.bytes);
  }
  return '';
}

function notATensor({ name, kind }: ValueInfo, role: string): AppError {
  return new AppError('model-value-unsupported', { name, role, kind });
}
