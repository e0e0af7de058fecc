import { describe, expect, it } from 'vitest';
import { onnxModel, onnxNode } from '../../../testing/onnx-models.ts';
import { numbersOf, type Tensor } from '../tensor/tensor.ts';
import type { OnnxGraph } from './model.ts';
import { ProtoWriter } from './proto-writer.ts';
import { readModel } from './read-model.ts';
import { readTensor } from './read-tensor.ts';
import {
  attributeFields,
  graphFields,
  modelFields,
  nodeFields,
  sparseTensorFields,
  tensorFields,
  tensorTypeFields,
  typeFields,
  valueInfoFields,
} from './schema.ts';
import { writeModel } from './write-model.ts';

type Write = (message: ProtoWriter) => void;

const noExternal = (): never => {
  throw new Error('nothing lies elsewhere');
};

function written(write: Write): Uint8Array<ArrayBuffer> {
  const writer = new ProtoWriter();
  write(writer);
  return writer.finish();
}

function tensorBytes(code: number, shape: readonly number[], write: Write): Uint8Array<ArrayBuffer> {
  return written((tensor) => {
    tensor.packedIntegers(tensorFields.dimensions, shape);
    tensor.integer(tensorFields.dataType, code);
    tensor.string(tensorFields.name, 't');
    write(tensor);
  });
}

function readElements(code: number, write: Write): Tensor {
  return readTensor(tensorBytes(code, [2], write), noExternal).tensor;
}

function raw(...bytes: readonly number[]): Write {
  return (tensor) => tensor.bytes(tensorFields.rawData, Uint8Array.from(bytes));
}

/** A model whose graph is what `write` writes, with the untyped output y. */
function modelBytes(write: Write): Uint8Array<ArrayBuffer> {
  return written((model) =>
    model.message(modelFields.graph, (graph) => {
      write(graph);
      graph.message(graphFields.output, (output) => output.string(valueInfoFields.name, 'y'));
    }),
  );
}

function addNode(graph: ProtoWriter, input: string, output: string): void {
  graph.message(graphFields.node, (node) => {
    node.string(nodeFields.input, input);
    node.string(nodeFields.output, output);
    node.string(nodeFields.opType, 'Relu');
    node.string(nodeFields.domain, 'ai.onnx');
  });
}

describe('tensors in a model file', () => {
  it.each([
    ['bfloat16', 16, raw(0x80, 0x3f, 0x20, 0xc0), 'float32', [1, -2.5]],
    ['float16', 10, raw(0x00, 0x3c, 0x00, 0xc0), 'float16', [1, -2]],
    ['int16', 5, raw(0xff, 0xff, 0x02, 0x00), 'int32', [-1, 2]],
    ['uint16', 4, raw(0xff, 0xff, 0x02, 0x00), 'int32', [65535, 2]],
    ['uint32', 12, raw(0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0), 'int64', [2 ** 32 - 1, 2]],
    ['bool', 9, raw(7, 0), 'bool', [1, 0]],
  ] as const)('of %s arrive in a type of ours that holds them', (_, code, write, dtype, numbers) => {
    const tensor = readElements(code, write);
    expect(tensor.dtype).toBe(dtype);
    expect([...numbersOf(tensor)]).toEqual(numbers);
  });

  it('are read from the typed fields too, packed or one by one', () => {
    const packed =
      (field: number, values: readonly number[]): Write =>
      (tensor) =>
        tensor.packedIntegers(field, values);
    expect([...numbersOf(readElements(5, packed(tensorFields.int32Data, [-3, 4])))]).toEqual([-3, 4]);
    expect([...numbersOf(readElements(3, packed(tensorFields.int32Data, [-3, 4])))]).toEqual([-3, 4]);
    expect([...numbersOf(readElements(10, packed(tensorFields.int32Data, [0x3c00, 0xc000])))]).toEqual([
      1, -2,
    ]);
    expect([...numbersOf(readElements(13, packed(tensorFields.uint64Data, [2 ** 40, 4])))]).toEqual([
      2 ** 40,
      4,
    ]);
    const oneByOne = readElements(7, (tensor) => {
      tensor.integer(tensorFields.int64Data, -(2n ** 63n));
      tensor.integer(tensorFields.int64Data, 2n ** 63n - 1n);
    });
    expect([...oneByOne.data]).toEqual([-(2n ** 63n), 2n ** 63n - 1n]);
    const floats = readElements(1, (tensor) => {
      tensor.float(tensorFields.floatData, 1);
      tensor.float(tensorFields.floatData, 2);
    });
    expect([...floats.data]).toEqual([1, 2]);
  });

  it('are refused where no type of ours holds their elements, or the value', () => {
    expect(() => readElements(8, () => undefined)).toThrow(
      'Tensor t of the model holds elements of type string',
    );
    expect(() => readElements(17, raw(1, 2))).toThrow('float8e4m3fn');
    expect(() => readElements(22, raw(1))).toThrow('int4');
    const large = (tensor: ProtoWriter): void => tensor.packedIntegers(tensorFields.uint64Data, [-1, 0]);
    expect(() => readElements(13, large)).toThrow('beyond 2^63');
  });

  it('are refused before anything is allocated where the shape cannot be', () => {
    const read = (shape: readonly number[]): Tensor =>
      readTensor(tensorBytes(1, shape, raw(0, 0, 0, 0)), noExternal).tensor;
    expect(read([1, 1]).data).toHaveLength(1);
    expect(() => read([2 ** 31, 2 ** 31])).toThrow('impossible shape');
    expect(() => read([-1])).toThrow('impossible shape');
    expect(() => read([2 ** 45])).toThrow('do not fill its shape');
    expect(() => read([])).not.toThrow();
  });
});

describe('what cannot be held', () => {
  const addStrings = (graph: ProtoWriter): void =>
    graph.message(graphFields.initializer, (tensor) => {
      tensor.integer(tensorFields.dataType, 8);
      tensor.string(tensorFields.name, 'labels');
    });
  const addSequence = (graph: ProtoWriter, field: number, name: string): void =>
    graph.message(field, (info) => {
      info.string(valueInfoFields.name, name);
      info.message(valueInfoFields.type, (type) =>
        type.message(typeFields.sequence, (part) => part.integer(tensorTypeFields.elementType, 1)),
      );
    });

  it('is an error where an output depends on it', () => {
    expect(() =>
      readModel(
        modelBytes((graph) => {
          addStrings(graph);
          addNode(graph, 'labels', 'h');
          addNode(graph, 'h', 'y');
        }),
      ),
    ).toThrow('Tensor labels');
    expect(() =>
      readModel(
        modelBytes((graph) => {
          graph.message(graphFields.sparseInitializer, (sparse) =>
            sparse.message(sparseTensorFields.values, (values) => values.string(tensorFields.name, 'sparse')),
          );
          addNode(graph, 'sparse', 'y');
        }),
      ),
    ).toThrow('initializer sparse of the model is of a kind that cannot be computed with: sparse tensor');
    expect(() =>
      readModel(
        modelBytes((graph) => {
          addSequence(graph, graphFields.input, 'list');
          addNode(graph, 'list', 'y');
        }),
      ),
    ).toThrow('input list of the model is of a kind that cannot be computed with: sequence');
  });

  it('is left out where no tensor output does', () => {
    const model = readModel(
      modelBytes((graph) => {
        addStrings(graph);
        addNode(graph, 'labels', 'names');
        addSequence(graph, graphFields.output, 'names');
        addSequence(graph, graphFields.input, 'list');
        addNode(graph, 'x', 'y');
      }),
    );
    expect([...model.outputs.keys()]).toEqual(['y']);
    expect([...model.inputs.keys()]).toEqual([]);
    expect(model.initializers.size).toBe(0);
  });

  it('is an error where there is no other output', () => {
    const bytes = written((model) =>
      model.message(modelFields.graph, (graph) => addSequence(graph, graphFields.output, 'list')),
    );
    expect(() => readModel(bytes)).toThrow('output list');
  });
});

describe('models of other writers', () => {
  it('may spell the standard domain out, leave types of attributes out, and list initializers among the inputs', () => {
    const { nodes, inputs } = readModel(
      modelBytes((graph) => {
        graph.message(graphFields.node, (node) => {
          node.string(nodeFields.output, 'y');
          node.string(nodeFields.opType, 'Constant');
          node.string(nodeFields.domain, 'ai.onnx');
          node.message(nodeFields.attribute, (attribute) => {
            attribute.string(attributeFields.name, 'value_ints');
            attribute.integer(attributeFields.ints, 3);
            attribute.integer(attributeFields.ints, -4);
          });
        });
        graph.message(graphFields.initializer, (tensor) => {
          tensor.integer(tensorFields.dataType, 1);
          tensor.string(tensorFields.name, 'w');
          tensor.float(tensorFields.floatData, 2);
        });
        graph.message(graphFields.input, (input) => input.string(valueInfoFields.name, 'w'));
      }),
    );
    expect(nodes[0]).toMatchObject({ domain: '', opType: 'Constant' });
    expect(nodes[0]!.attributes.get('value_ints')).toEqual({ kind: 'ints', value: [3, -4] });
    expect([...inputs.keys()]).toEqual([]);
  });

  it('are refused where graphs are nested without end', () => {
    let body: OnnxGraph = onnxModel({ nodes: [], outputs: ['y'] });
    for (let depth = 0; depth < 100; depth++) {
      const attributes = { then_branch: { kind: 'graph', value: body } } as const;
      body = onnxModel({ nodes: [onnxNode('If', ['flag'], ['y'], attributes)], outputs: ['y'] });
    }
    const model = { ...onnxModel({ nodes: [], outputs: [] }), nodes: body.nodes };
    expect(() => readModel(writeModel(model))).toThrow('nested more than');
  });
});
