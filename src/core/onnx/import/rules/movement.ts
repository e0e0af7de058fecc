/** @file Import rules of the operators that give values another shape or order. */
import { shapeOf, type Value } from '../../../graph/graph.ts';
import { concat, expand, reshape, slice, transpose } from '../../../ops/build.ts';
import { broadcastShapes, normalizeAxes, normalizeAxis } from '../../../tensor/shape.ts';
import { elementCount, type Shape } from '../../../tensor/tensor.ts';
import { limited, whole, type ImportRules } from '../import-rule.ts';
import type { ImportSite } from '../import-site.ts';

/** 0 takes over the extent of the input (unless `allowzero`), −1 is what remains. */
function wantedShape(site: ImportSite): Shape {
  const from = site.shapeOf(0);
  const wanted = site.numbers(1, 'shape') ?? site.refuse('it has no shape');
  const copies = site.int('allowzero', 0) === 0;
  return wanted.map((extent, axis) => (extent === 0 && copies ? from[axis]! : extent));
}

function flattenFrom(site: ImportSite): Value {
  const x = site.input(0);
  const shape = shapeOf(x);
  const axis = site.int('axis', 1);
  // One past the last axis is allowed.
  const rows = elementCount(shape.slice(0, axis < 0 ? axis + shape.length : axis));
  return reshape(site.graph, x, [rows, elementCount(shape) / rows]);
}

function squeeze(site: ImportSite): Value {
  const x = site.input(0);
  const shape = shapeOf(x);
  const named = site.attributeOrNumbers('axes', 1);
  const dropped =
    named === null
      ? shape.flatMap((extent, axis) => (extent === 1 ? [axis] : []))
      : normalizeAxes(named, shape.length);
  return reshape(
    site.graph,
    x,
    shape.filter((_, axis) => !dropped.includes(axis)),
  );
}

function unsqueeze(site: ImportSite): Value {
  const x = site.input(0);
  const named = site.attributeOrNumbers('axes', 1) ?? site.refuse('it has no axes');
  const rank = shapeOf(x).length + named.length;
  const added = normalizeAxes(named, rank);
  const old = [...shapeOf(x)];
  const shape = Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : old.shift()!));
  return reshape(site.graph, x, shape);
}

function permute(site: ImportSite): Value {
  const x = site.input(0);
  const reversed = shapeOf(x)
    .map((_, axis) => axis)
    .reverse();
  return transpose(site.graph, x, site.ints('perm') ?? reversed);
}

/** Repeats the whole along each axis: [e₀, e₁] → [1, e₀, 1, e₁] → [r₀, e₀, r₁, e₁] → [r₀·e₀, r₁·e₁]. */
function tile(site: ImportSite): Value {
  const { graph } = site;
  const x = site.input(0);
  const shape = shapeOf(x);
  const repeats = site.numbers(1, 'repeats') ?? site.refuse('it has no repeats');
  const apart = reshape(
    graph,
    x,
    shape.flatMap((extent) => [1, extent]),
  );
  const repeated = expand(
    graph,
    apart,
    shape.flatMap((extent, axis) => [repeats[axis]!, extent]),
  );
  return reshape(
    graph,
    repeated,
    shape.map((extent, axis) => extent * repeats[axis]!),
  );
}

/** Parts without elements, as shape arithmetic has them, add nothing. */
function concatenate(site: ImportSite): Value {
  const values = site.inputs();
  const filled = values.filter((value) => elementCount(shapeOf(value)) > 0);
  return concat(site.graph, filled.length === 0 ? values.slice(0, 1) : filled, site.int('axis', 0));
}

/** Extents of the parts: given, or as equal as possible with the last one smaller. */
function partExtents(site: ImportSite, extent: number): readonly number[] {
  const given = site.attributeOrNumbers('split', 1);
  if (given !== null) return given;
  const count = site.int('num_outputs', site.node.outputs.length);
  const each = Math.ceil(extent / count);
  return Array.from({ length: count }, (_, index) => Math.min(each, extent - index * each));
}

function split(site: ImportSite): Value[] {
  const x = site.input(0);
  const axis = normalizeAxis(site.int('axis', 0), shapeOf(x).length);
  let start = 0;
  return partExtents(site, shapeOf(x)[axis]!).map((extent) => {
    const end = start + extent;
    const part = slice(site.graph, x, [{ axis, start, end }]);
    start = end;
    return part;
  });
}

/** [N, C·b², H, W] → [N, C, H·b, W·b]; CRD has the block's axes behind the channels, DCR before them. */
function depthToSpace(site: ImportSite): Value {
  const { graph } = site;
  const x = site.input(0);
  const [n, channels, height, width] = shapeOf(x) as [number, number, number, number];
  const block = site.int('blocksize', 1);
  const depth = channels / block ** 2;
  const isCrd = site.text('mode', 'DCR') === 'CRD';
  const apart = isCrd ? [n, depth, block, block, height, width] : [n, block, block, depth, height, width];
  const order = isCrd ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
  const ordered = transpose(graph, reshape(graph, x, apart), order);
  return reshape(graph, ordered, [n, depth, height * block, width * block]);
}

/** [N, C, H·b, W·b] → [N, b²·C, H, W]. */
function spaceToDepth(site: ImportSite): Value {
  const { graph } = site;
  const x = site.input(0);
  const [n, channels, height, width] = shapeOf(x) as [number, number, number, number];
  const block = site.int('blocksize', 1);
  const [rows, columns] = [height / block, width / block];
  const apart = reshape(graph, x, [n, channels, rows, block, columns, block]);
  const ordered = transpose(graph, apart, [0, 3, 5, 1, 2, 4]);
  return reshape(graph, ordered, [n, channels * block ** 2, rows, columns]);
}

export const movementRules: ImportRules = {
  Reshape: limited('known shapes', (site) => [reshape(site.graph, site.input(0), wantedShape(site))]),
  Flatten: whole((site) => [flattenFrom(site)]),
  Squeeze: whole((site) => [squeeze(site)]),
  Unsqueeze: whole((site) => [unsqueeze(site)]),
  Transpose: whole((site) => [permute(site)]),
  Expand: limited('known shapes', (site) => {
    const wanted = site.numbers(1, 'shape') ?? site.refuse('it has no shape');
    return [expand(site.graph, site.input(0), broadcastShapes(site.shapeOf(0), wanted))];
  }),
  Tile: limited('known repeats', (site) => [tile(site)]),
  Concat: whole((site) => [concatenate(site)]),
  Split: limited('known extents', split),
  DepthToSpace: whole((site) => [depthToSpace(site)]),
  SpaceToDepth: whole((site) => [spaceToDepth(site)]),
};
