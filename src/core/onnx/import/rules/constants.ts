/** @file Import rules of operators whose results are known when the file is read: constants, shapes, ranges and masks. */
import { shapeOf, type Value } from '../../../graph/graph.ts';
import { constant, int64Constant, scalar, where } from '../../../ops/build.ts';
import { elementCount, numbersOf, type DType, type Shape, type Tensor } from '../../../tensor/tensor.ts';
import { elementTypeOf } from '../../element-types.ts';
import { asFloat32, importedType } from '../as-float32.ts';
import { limited, stepwise, type ImportRules } from '../import-rule.ts';
import type { ImportSite } from '../import-site.ts';

function constantNode(site: ImportSite): Value {
  const { graph } = site;
  for (const attribute of site.node.attributes.values()) {
    if (attribute.kind === 'tensor') return graph.constant(asFloat32(attribute.value));
    if (attribute.kind === 'int') return scalar(graph, attribute.value, 'int64');
    if (attribute.kind === 'ints') return int64Constant(graph, attribute.value);
    if (attribute.kind === 'float') return scalar(graph, attribute.value);
    if (attribute.kind === 'floats') return constant(graph, [attribute.value.length], attribute.value);
  }
  return site.refuse('it holds text or a sparse tensor; only dense numbers are supported');
}

function filled(site: ImportSite, shape: Shape, { dtype, ...tensor }: Tensor): Value {
  const [number] = numbersOf({ dtype, ...tensor });
  const numbers = new Float64Array(elementCount(shape)).fill(number ?? 0);
  return constant(site.graph, shape, numbers, importedType(dtype));
}

function constantOfShape(site: ImportSite): Value {
  const shape = site.numbers(0, 'shape') ?? [];
  const value = site.attribute('value');
  const zero: Tensor = { dtype: 'float32', shape: [], data: new Float32Array(1) };
  return filled(site, shape, value?.kind === 'tensor' ? value.value : zero);
}

/** Positions may be negative or beyond the ends, as in Python. */
function shapeOfInput(site: ImportSite): Value {
  const shape = site.shapeOf(0);
  return int64Constant(site.graph, shape.slice(site.int('start', 0), site.int('end', shape.length)));
}

function range(site: ImportSite): Value {
  const [start, limit, step] = ['start', 'limit', 'step'].map((what, index) => {
    const [number] = site.numbers(index, what) ?? [];
    return number ?? site.refuse(`its ${what} is missing`);
  }) as [number, number, number];
  const count = Math.max(0, Math.ceil((limit - start) / step));
  const numbers = Array.from({ length: count }, (_, index) => start + index * step);
  return constant(site.graph, [count], numbers, site.input(0).type.dtype);
}

/** Which elements of a matrix lie on or above the diagonal number `k`. */
function triangle(
  rows: number,
  columns: number,
  k: number,
  isInside: (offset: number) => boolean,
): boolean[] {
  return Array.from({ length: rows * columns }, (_, flat) =>
    isInside((flat % columns) - Math.floor(flat / columns) - k),
  );
}

function eyeLike(site: ImportSite): Value {
  const [rows, columns] = site.shapeOf(0) as [number, number];
  const code = site.int('dtype', 0);
  const named: DType | null = code === 0 ? site.input(0).type.dtype : elementTypeOf(code).dtype;
  const dtype = named ?? site.refuse('its element type is not supported');
  const ones = triangle(rows, columns, site.int('k', 0), (offset) => offset === 0);
  return constant(site.graph, [rows, columns], ones.map(Number), importedType(dtype));
}

/** Selected and not multiplied: what is cut off may be infinite. */
function trilu(site: ImportSite): Value {
  const x = site.input(0);
  const [rows, columns] = shapeOf(x).slice(-2) as [number, number];
  const k = site.numbers(1, 'diagonal')?.[0] ?? 0;
  const isUpper = site.int('upper', 1) === 1;
  const kept = triangle(rows, columns, k, (offset) => (isUpper ? offset >= 0 : offset <= 0));
  return where(site.graph, constant(site.graph, [rows, columns], kept.map(Number), 'bool'), x, 0);
}

export const constantRules: ImportRules = {
  Constant: stepwise((site) => [constantNode(site)], 'dense numbers'),
  ConstantOfShape: stepwise((site) => [constantOfShape(site)], 'known shapes'),
  Shape: stepwise((site) => [shapeOfInput(site)]),
  Size: stepwise((site) => [scalar(site.graph, elementCount(site.shapeOf(0)), 'int64')]),
  Range: stepwise((site) => [range(site)], 'known ends'),
  EyeLike: stepwise((site) => [eyeLike(site)]),
  Trilu: limited('known diagonals', (site) => [trilu(site)]),
};
