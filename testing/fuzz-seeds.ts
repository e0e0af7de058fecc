/** @file Small ONNX files that between them hold every part of the format that the reader reads: material for damaging. */
import {
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
  type OnnxGraph,
  type OnnxModel,
} from '../src/core/onnx/model.ts';
import { ProtoWriter } from '../src/core/onnx/proto-writer.ts';
import {
  graphFields,
  modelFields,
  sparseTensorFields,
  tensorFields,
  tensorTypeFields,
  typeFields,
  valueInfoFields,
} from '../src/core/onnx/schema.ts';
import { writeModel } from '../src/core/onnx/write-model.ts';
import { tensorOf } from '../src/core/tensor/tensor.ts';
import { externalModel } from './external-model.ts';
import { onnxModel, onnxNode } from './onnx-models.ts';

interface FuzzSeed {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const images: OnnxModel['inputs'] = new Map([['x', { dtype: 'float32', shape: ['batch', 3, null, 8] }]]);
const weight = tensorOf('float32', [2, 3, 1, 1], [1, 2, 3, 4, 5, 6]);

function network(): OnnxModel {
  return onnxModel({
    inputs: images,
    initializers: { weight, shape: tensorOf('int64', [2], [0, -1]), half: tensorOf('float16', [2], [1, 2]) },
    nodes: [
      onnxNode('Conv', ['x', 'weight', 'half'], ['h'], {
        pads: intsAttribute([0, 0, 0, 0]),
        group: intAttribute(1),
      }),
      onnxNode('LeakyRelu', ['h'], ['r'], { alpha: floatAttribute(0.1) }),
      onnxNode('Constant', [], ['c'], { value: { kind: 'tensor', value: tensorOf('bool', [3], [1, 0, 1]) } }),
      onnxNode('Reshape', ['r', 'shape'], ['y'], { mode: stringAttribute('plain') }),
    ],
    outputs: ['y', 'c'],
  });
}

function body(depth: number): OnnxGraph {
  const nodes =
    depth === 0
      ? [onnxNode('Relu', ['x'], ['inner'])]
      : [
          onnxNode('If', ['flag'], ['inner'], {
            then_branch: { kind: 'graph', value: body(depth - 1) },
            branches: { kind: 'graphs', value: [body(0), body(0)] },
          }),
        ];
  const initializers = new Map([['w', weight]]);
  return { graphName: 'body', inputs: new Map(), outputs: new Map([['inner', null]]), initializers, nodes };
}

function branches(): OnnxModel {
  const [nodes, outputs] = [body(3).nodes, ['inner']];
  return onnxModel({ inputs: new Map([...images, ['flag', { dtype: 'bool', shape: [] }]]), nodes, outputs });
}

function functions(): OnnxModel {
  const inner = {
    domain: 'local',
    name: 'Inner',
    inputs: ['a', 'b'],
    outputs: ['c'],
    attributes: ['alpha'],
    attributeDefaults: new Map([['beta', floatAttribute(2)]]),
    opsets: new Map([['', 17]]),
    nodes: [onnxNode('HardSigmoid', ['a'], ['c'], { alpha: { kind: 'reference', value: 'alpha' } })],
  };
  const call = (input: string, output: string) =>
    onnxNode('local.Inner', [input], [output], { alpha: floatAttribute(1) });
  const outer = { ...inner, name: 'Outer', nodes: [call('a', 't'), call('t', 'c')] };
  const nodes = [onnxNode('local.Outer', ['x'], ['h']), onnxNode('local.Outer', ['h'], ['y'])];
  return { ...onnxModel({ inputs: images, nodes, outputs: ['y'] }), functions: [inner, outer] };
}

function manyAttributes(): OnnxModel {
  const attributes = {
    floats: { kind: 'floats', value: [1, 2, 3] },
    strings: { kind: 'strings', value: ['one', 'zwei', 'τρία'] },
    tensors: { kind: 'tensors', value: [weight, tensorOf('int8', [3], [1, 2, 3])] },
    double: { kind: 'tensor', value: tensorOf('float64', [2], [1, 2]) },
    long: { kind: 'ints', value: [2 ** 40, -1] },
  } as const;
  return onnxModel({ inputs: images, nodes: [onnxNode('Any', ['x'], ['y'], attributes)], outputs: ['y'] });
}

/** Tensors in the typed fields, of all element types, as older writers have them; values that are no dense tensors. */
function typedData(): Uint8Array {
  const writer = new ProtoWriter();
  writer.integer(modelFields.irVersion, 3);
  writer.message(modelFields.graph, (graph) => {
    for (const code of [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 16]) {
      graph.message(graphFields.initializer, (tensor) => writeTyped(tensor, code));
      graph.message(graphFields.output, (output) => output.string(valueInfoFields.name, `t${code}`));
    }
    graph.message(graphFields.sparseInitializer, (sparse) =>
      sparse.message(sparseTensorFields.values, (tensor) => tensor.string(tensorFields.name, 'sparse')),
    );
    for (const kind of [typeFields.sequence, typeFields.map, typeFields.optional]) {
      graph.message(graphFields.input, (input) => {
        input.string(valueInfoFields.name, `other${kind}`);
        input.message(valueInfoFields.type, (type) =>
          type.message(kind, (part) => part.integer(tensorTypeFields.elementType, 1)),
        );
      });
    }
  });
  return writer.finish();
}

function writeTyped(tensor: ProtoWriter, code: number): void {
  tensor.packedIntegers(tensorFields.dimensions, [2, 1]);
  tensor.integer(tensorFields.dataType, code);
  tensor.string(tensorFields.name, `t${code}`);
  if (code === 1) tensor.packedFloats(tensorFields.floatData, [1, 2]);
  else if (code === 11) tensor.bytes(tensorFields.doubleData, new Uint8Array(16));
  else if (code === 7) for (const value of [1, -1]) tensor.integer(tensorFields.int64Data, value);
  else if (code === 12 || code === 13) tensor.packedIntegers(tensorFields.uint64Data, [1, 4e9]);
  else tensor.packedIntegers(tensorFields.int32Data, [1, 0]);
}

export const fuzzSeeds: readonly FuzzSeed[] = [
  { name: 'a network', bytes: writeModel(network()) },
  { name: 'branches within branches', bytes: writeModel(branches()) },
  { name: 'functions', bytes: writeModel(functions()) },
  { name: 'attributes of all kinds', bytes: writeModel(manyAttributes()) },
  { name: 'typed tensors', bytes: typedData() },
  {
    name: 'tensors in other files',
    bytes: externalModel([
      { location: 'weights.bin', offset: '8', length: '4' },
      { location: 'sub/weights.bin' },
    ]),
  },
  {
    name: 'a large tensor',
    bytes: writeModel(
      onnxModel({
        initializers: { w: tensorOf('float32', [128], new Float32Array(128)) },
        nodes: [],
        outputs: ['w'],
      }),
    ),
  },
];
