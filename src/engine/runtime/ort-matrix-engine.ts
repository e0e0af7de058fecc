/** @file Big dense products through ONNX Runtime: one Gemm session per element type and transposition, any size. */
import { availableParallelism } from 'node:os';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { present } from '../../core/base/assert.ts';
import { isFloat64, makeMatrix, type Matrix, type MatrixData } from '../../core/linalg/matrix.ts';
import {
  productShape,
  withCommonType,
  type MatrixEngine,
  type MultiplyOptions,
} from '../../core/linalg/matrix-engine.ts';
import { intAttribute, type OnnxModel, type OnnxValueType } from '../../core/onnx/model.ts';
import { writeModel } from '../../core/onnx/write-model.ts';

export interface OrtMatrixEngine extends MatrixEngine {
  dispose(): Promise<void>;
}

type MatrixType = 'float32' | 'float64';

export function createOrtMatrixEngine(options: { readonly threads?: number } = {}): OrtMatrixEngine {
  const threads = options.threads ?? availableParallelism();
  const sessions = new Map<string, Promise<InferenceSession>>();

  const sessionFor = (
    dtype: MatrixType,
    transposed: Required<MultiplyOptions>,
  ): Promise<InferenceSession> => {
    const key = `${dtype}/${transposed.transposeA}/${transposed.transposeB}`;
    const open = sessions.get(key) ?? openSession(productModel(dtype, transposed), threads);
    sessions.set(key, open);
    return open;
  };

  return {
    async multiply(a, b, { transposeA = false, transposeB = false } = {}) {
      const transposed = { transposeA, transposeB };
      const shape = productShape(a, b, transposed);
      const [left, right] = withCommonType(a, b);
      const dtype = isFloat64(left) ? 'float64' : 'float32';
      const session = await sessionFor(dtype, transposed);
      const fetched = await session.run({ a: toOrt(left), b: toOrt(right) });
      const data = present(fetched['product'], 'the product').data as MatrixData;
      return makeMatrix(shape.rows, shape.columns, data);
    },
    async dispose() {
      const open = await Promise.all(sessions.values());
      sessions.clear();
      await Promise.all(open.map((session) => session.release()));
    },
  };
}

function openSession(model: OnnxModel, intraOpNumThreads: number): Promise<InferenceSession> {
  return InferenceSession.create(writeModel(model), {
    executionProviders: ['cpu'],
    intraOpNumThreads,
    // Shapes change from call to call: a memory pattern per shape would only pile up.
    enableMemPattern: false,
    logSeverityLevel: 3,
  });
}

/** product = op(a) · op(b). */
function productModel(dtype: MatrixType, transposed: Required<MultiplyOptions>): OnnxModel {
  const anyMatrix: OnnxValueType = { dtype, shape: [null, null] };
  return {
    producer: 'whence',
    irVersion: 8,
    opsets: new Map([['', 17]]),
    functions: [],
    graphName: 'product',
    inputs: new Map([
      ['a', anyMatrix],
      ['b', anyMatrix],
    ]),
    outputs: new Map([['product', anyMatrix]]),
    initializers: new Map(),
    nodes: [
      {
        opType: 'Gemm',
        domain: '',
        name: 'product',
        inputs: ['a', 'b'],
        outputs: ['product'],
        attributes: new Map([
          ['transA', intAttribute(Number(transposed.transposeA))],
          ['transB', intAttribute(Number(transposed.transposeB))],
        ]),
      },
    ],
  };
}

function toOrt({ rows, columns, data }: Matrix): Tensor {
  const shape = [rows, columns];
  return data instanceof Float64Array
    ? new Tensor('float64', data, shape)
    : new Tensor('float32', data, shape);
}
