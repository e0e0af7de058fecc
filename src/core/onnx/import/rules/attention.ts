/** @file Import rules of attention operators. */
import type { Graph, Value } from '../../../graph/graph.ts';
import {
  add,
  constant,
  expand,
  matMul,
  mul,
  reshape,
  softmax,
  tanh,
  transpose,
  where,
} from '../../../ops/build.ts';
import { isFloat } from '../../../tensor/tensor.ts';
import { limited, type ImportRules } from '../import-rule.ts';
import type { ImportSite } from '../import-site.ts';

/** Far below every score, yet finite: a row that is masked throughout stays a number. */
const MASKED = -1e30;

/** [N, L, heads·D] as [N, heads, L, D]; what has four axes has its heads apart already. */
function byHeads(site: ImportSite, x: Value, headsAttribute: string): Value {
  const { shape } = x.type;
  if (shape.length === 4) return x;
  const heads = site.int(headsAttribute, 0);
  if (shape.length !== 3 || heads < 1 || shape[2]! % heads !== 0) {
    site.refuse(`[${shape.join(',')}] does not split into ${heads} heads (${headsAttribute})`);
  }
  return transpose(site.graph, reshape(site.graph, x, [shape[0]!, shape[1]!, heads, -1]), [0, 2, 1, 3]);
}

/** Each head of `x` as often in a row as makes `heads` of them. */
function repeatHeads(site: ImportSite, x: Value, heads: number): Value {
  const [samples, own, length, width] = x.type.shape as [number, number, number, number];
  if (own === heads) return x;
  if (heads % own !== 0) site.refuse(`${heads} heads of queries do not share ${own} heads of keys`);
  const apart = reshape(site.graph, x, [samples, own, 1, length, width]);
  const repeated = expand(site.graph, apart, [samples, own, heads / own, length, width]);
  return reshape(site.graph, repeated, [samples, heads, length, width]);
}

/** Zero where row ≥ column, else far below every score. */
function causalBias(graph: Graph, rows: number, columns: number): Value {
  const numbers = Array.from({ length: rows * columns }, (_, index) =>
    index % columns > Math.floor(index / columns) ? MASKED : 0,
  );
  return constant(graph, [rows, columns], numbers);
}

function maskedScores(site: ImportSite, scores: Value): Value {
  const { graph } = site;
  const mask = site.optional(3);
  const masked =
    mask === null
      ? scores
      : isFloat(mask.type.dtype)
        ? add(graph, scores, mask)
        : where(graph, mask, scores, MASKED);
  const [rows, columns] = scores.type.shape.slice(-2) as [number, number];
  return site.int('is_causal', 0) === 0 ? masked : add(graph, masked, causalBias(graph, rows, columns));
}

function capped(site: ImportSite, scores: Value): Value {
  const cap = site.float('softcap', 0);
  if (cap === 0) return scores;
  if (site.has(3) || site.int('is_causal', 0) !== 0)
    site.refuse('softcap together with a mask is not supported');
  return mul(site.graph, tanh(site.graph, mul(site.graph, scores, 1 / cap)), cap);
}

function importAttention(site: ImportSite): Value {
  const { graph } = site;
  if (site.outputCount > 1 || [4, 5, 6].some((index) => site.has(index))) {
    site.refuse('caches of keys and values, and outputs other than the first, are not supported');
  }
  const query = byHeads(site, site.input(0), 'q_num_heads');
  const [samples, heads, length, width] = query.type.shape as [number, number, number, number];
  const [key, value] = [1, 2].map((index) =>
    repeatHeads(site, byHeads(site, site.input(index), 'kv_num_heads'), heads),
  ) as [Value, Value];
  const scale = site.float('scale', 1 / Math.sqrt(width));
  const scores = mul(graph, matMul(graph, query, key, { transposeB: true }), scale);
  const weights = softmax(graph, maskedScores(site, capped(site, scores)));
  const result = matMul(graph, weights, value);
  if (site.input(0).type.shape.length === 4) return result;
  return reshape(graph, transpose(graph, result, [0, 2, 1, 3]), [samples, length, -1]);
}

export const attentionRules: ImportRules = {
  Attention: limited('without caches of keys and values', (site) => [importAttention(site)]),
};
