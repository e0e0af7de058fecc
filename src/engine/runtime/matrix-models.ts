/** @file The small ONNX models behind the matrix engine. The number of rows is left open, so one session serves blocks of any size. */
import type { GramPrecision, MultiplyOptions } from '../../core/linalg/matrix-engine.ts';
import { intAttribute, type OnnxAttribute, type OnnxModel, type OnnxNode } from '../../core/onnx/model.ts';
import { elementTypeCodes } from '../../core/onnx/schema.ts';
import { tensorOf, type DType, type Tensor } from '../../core/tensor/tensor.ts';

type FloatType = 'float16' | 'float32' | 'float64';

/** product = op(a) · op(b). */
export function productModel(dtype: FloatType, transposed: Required<MultiplyOptions>): OnnxModel {
  return modelOf({
    inputs: { a: dtype, b: dtype },
    outputs: { product: dtype },
    nodes: [
      nodeOf('Gemm', ['a', 'b'], ['product'], {
        transA: intAttribute(Number(transposed.transposeA)),
        transB: intAttribute(Number(transposed.transposeB)),
      }),
    ],
  });
}

/** product = a · rowsᵀ for rows in 16 bits, whose scales are undone on the short side, after the product. */
export function halfProductModel(): OnnxModel {
  return modelOf({
    inputs: { a: 'float32', rows: 'float16', inverseScales: 'float32' },
    outputs: { product: 'float32' },
    nodes: [
      castTo('float32', 'rows', 'wide'),
      nodeOf('Gemm', ['a', 'wide'], ['scaled'], { transB: intAttribute(1) }),
      nodeOf('Mul', ['scaled', 'inverseScales'], ['product']),
    ],
  });
}

/** Columns of a tile of ΦᵀΦ: large enough for the product, small enough that what lies above the diagonal is little. */
const TILE = 512;

/** One tile on or below the diagonal: rows [top, bottom) and columns [left, right). */
export interface GramTile {
  readonly name: string;
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export function gramTiles(columns: number): readonly GramTile[] {
  const starts = Array.from({ length: Math.ceil(columns / TILE) }, (_, index) => index * TILE);
  const endOf = (start: number): number => Math.min(columns, start + TILE);
  return starts.flatMap((top) =>
    starts
      .filter((left) => left <= top)
      .map((left) => ({ name: `tile ${top} ${left}`, top, bottom: endOf(top), left, right: endOf(left) })),
  );
}

/** The tiles of ΦᵀΦ on and below its diagonal: a little over half of the whole product's work. */
export function gramModel(source: FloatType, precision: GramPrecision, columns: number): OnnxModel {
  const nodes: OnnxNode[] = [];
  let rows = 'rows';
  if (source === 'float16') {
    nodes.push(castTo('float32', rows, 'wide'), nodeOf('Mul', ['wide', 'inverseScales'], ['unscaled']));
    rows = 'unscaled';
  }
  if (precision !== source) {
    nodes.push(castTo(precision, rows, 'typed'));
    rows = 'typed';
  }
  const tiles = gramTiles(columns);
  const starts = [...new Set(tiles.map((tile) => tile.left))];
  const widths = tensorOf(
    'int64',
    [starts.length],
    starts.map((start) => Math.min(TILE, columns - start)),
  );
  nodes.push(
    nodeOf(
      'Split',
      [rows, 'widths'],
      starts.map((start) => `columns ${start}`),
      { axis: intAttribute(1) },
    ),
    ...tiles.map(({ name, top, left }) =>
      nodeOf('Gemm', [`columns ${top}`, `columns ${left}`], [name], { transA: intAttribute(1) }),
    ),
  );
  return modelOf({
    inputs: source === 'float16' ? { rows: 'float16', inverseScales: 'float32' } : { rows: source },
    outputs: Object.fromEntries(tiles.map(({ name }) => [name, precision])),
    initializers: { widths },
    nodes,
  });
}

interface Parts {
  readonly inputs: Readonly<Record<string, DType>>;
  readonly outputs: Readonly<Record<string, DType>>;
  readonly initializers?: Readonly<Record<string, Tensor>>;
  readonly nodes: readonly OnnxNode[];
}

/** Every input and output is a matrix of any size. */
function modelOf({ inputs, outputs, initializers = {}, nodes }: Parts): OnnxModel {
  const matrices = (types: Readonly<Record<string, DType>>) =>
    new Map(Object.entries(types).map(([name, dtype]) => [name, { dtype, shape: [null, null] }]));
  return {
    producer: 'whence',
    irVersion: 8,
    opsets: new Map([['', 17]]),
    graphName: 'product',
    inputs: matrices(inputs),
    outputs: matrices(outputs),
    initializers: new Map(Object.entries(initializers)),
    functions: [],
    nodes,
  };
}

function nodeOf(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, OnnxAttribute>> = {},
): OnnxNode {
  const name = outputs[0]!;
  return { opType, domain: '', name, inputs, outputs, attributes: new Map(Object.entries(attributes)) };
}

function castTo(dtype: DType, from: string, to: string): OnnxNode {
  return nodeOf('Cast', [from], [to], { to: intAttribute(elementTypeCodes[dtype]) });
}
