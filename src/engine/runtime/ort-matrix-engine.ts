/** @file Big dense products through ONNX Runtime: one session per kind of product and element type, any number of rows. */
import { availableParallelism } from 'node:os';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { present } from '../../core/base/assert.ts';
import {
  isFloat64,
  makeMatrix,
  toFloat32,
  type Matrix,
  type Matrix64,
  type MatrixData,
} from '../../core/linalg/matrix.ts';
import {
  productShape,
  withCommonType,
  type MatrixEngine,
  type MultiplyOptions,
} from '../../core/linalg/matrix-engine.ts';
import { isHalf, widen, type HalfRows } from '../../core/linalg/rows.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import { writeModel } from '../../core/onnx/write-model.ts';
import { gramModel, gramTiles, halfProductModel, productModel, type GramTile } from './matrix-models.ts';

export interface OrtMatrixEngine extends MatrixEngine {
  dispose(): Promise<void>;
}

type Fetched = InferenceSession.ReturnType;

export function createOrtMatrixEngine(options: { readonly threads?: number } = {}): OrtMatrixEngine {
  const threads = options.threads ?? availableParallelism();
  const sessions = new Map<string, Promise<InferenceSession>>();

  const sessionFor = (key: string, model: () => OnnxModel): Promise<InferenceSession> => {
    const open = sessions.get(key) ?? openSession(model(), threads);
    sessions.set(key, open);
    return open;
  };
  const multiplyWide = async (
    a: Matrix,
    b: Matrix,
    transposed: Required<MultiplyOptions>,
  ): Promise<Fetched> => {
    const [left, right] = withCommonType(a, b);
    const dtype = isFloat64(left) ? 'float64' : 'float32';
    const key = `${dtype}/${transposed.transposeA}/${transposed.transposeB}`;
    const session = await sessionFor(key, () => productModel(dtype, transposed));
    return session.run({ a: toOrt(left), b: toOrt(right) });
  };
  const multiplyHalf = async (a: Matrix, b: HalfRows): Promise<Fetched> => {
    const session = await sessionFor('half', halfProductModel);
    return session.run({ a: toOrt(toFloat32(a)), ...halfFeeds(b, [1, b.rows]) });
  };

  return {
    async multiply(a, b, { transposeA = false, transposeB = false } = {}) {
      const transposed = { transposeA, transposeB };
      const shape = productShape(a, b, transposed);
      const fuses = isHalf(b) && transposeB && !transposeA && !isFloat64(a);
      const fetched = fuses ? await multiplyHalf(a, b) : await multiplyWide(a, widen(b), transposed);
      const data = present(fetched['product'], 'the product').data as MatrixData;
      return makeMatrix(shape.rows, shape.columns, data);
    },
    async addGram(total, rows, precision) {
      const source = isHalf(rows) ? 'float16' : isFloat64(rows) ? 'float64' : 'float32';
      const key = `gram/${source}/${precision}/${rows.columns}`;
      const session = await sessionFor(key, () => gramModel(source, precision, rows.columns));
      const fetched = await session.run(
        isHalf(rows) ? halfFeeds(rows, [rows.rows, 1]) : { rows: toOrt(rows) },
      );
      for (const tile of gramTiles(rows.columns)) {
        addTile(total, tile, present(fetched[tile.name], tile.name).data as MatrixData);
      }
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

function addTile(total: Matrix64, { top, bottom, left, right }: GramTile, part: MatrixData): void {
  const width = right - left;
  for (let row = top; row < bottom; row++) {
    const [into, from] = [row * total.columns + left, (row - top) * width];
    for (let index = 0; index < width; index++) total.data[into + index]! += part[from + index]!;
  }
}

function toOrt({ rows, columns, data }: Matrix): Tensor {
  const shape = [rows, columns];
  return data instanceof Float64Array
    ? new Tensor('float64', data, shape)
    : new Tensor('float32', data, shape);
}

/** Raw 16-bit floats under their right type name, and what undoes their scales in the shape in which it broadcasts. */
function halfFeeds(
  { rows, columns, bits, scales }: HalfRows,
  scaleShape: readonly number[],
): Record<string, Tensor> {
  const tensor = new Tensor('uint16', bits, [rows, columns]);
  Object.defineProperty(tensor, 'type', { value: 'float16' });
  const inverse = scales.map((scale) => 1 / scale);
  return { rows: tensor, inverseScales: new Tensor('float32', inverse, scaleShape) };
}
