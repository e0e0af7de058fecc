/** @file The page of supported operators, from the import table, the advice on refused ones, and the operators' own tables. */
import { loweringsOf, type Profile } from '../src/core/compiler/lower/lowerings.ts';
import { importRules } from '../src/core/onnx/import/import-rules.ts';
import { refusedOperators } from '../src/core/onnx/import/refused-operators.ts';
import { isDifferentiable } from '../src/core/ops/gradient-rules.ts';
import { opNames } from '../src/core/ops/infer.ts';

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const yes = (holds: boolean): string => (holds ? 'yes' : '–');

function importedOperators(): string {
  const rows = Object.entries(importRules)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { limits, isDifferentiable: flows }]) => [`\`${name}\``, yes(flows), limits]);
  return table(['ONNX operator', 'gradient', 'how far'], rows);
}

/** By advice, each given once. */
function refusals(): string {
  const byAdvice = Map.groupBy(Object.keys(refusedOperators), (name) => refusedOperators[name]!);
  const rows = [...byAdvice].map(([advice, names]) => [
    names.map((name) => `\`${name}\``).join(', '),
    advice,
  ]);
  return table(['ONNX operator', 'why, and what to do'], rows);
}

function ownOperators(): string {
  const others = (Object.keys(loweringsOf) as Profile[]).filter((profile) => profile !== 'cpu');
  const rows = [...opNames]
    .sort()
    .map((op) => [
      `\`${op}\``,
      yes(isDifferentiable(op)),
      ...others.map((profile) => (loweringsOf[profile][op] === loweringsOf.cpu[op] ? 'as cpu' : 'own')),
    ]);
  return table(['operator', 'gradient', ...others], rows);
}

export function supportedOperatorsPage(): string {
  return [
    '# Supported operators',
    '_Made from the tables in `src/core` by `tools/build-docs.ts`._',
    `${Object.keys(importRules).length} operators of ONNX are read, from operator set 7 on. “Known” means that it does not depend on the image: a constant of the file, or computed from shapes. Whatever is known is computed when the file is read, so that the limits below hold for what is left. Models are computed in float32.`,
    'Where a gradient flows, so does the gradient of every single image by any parameter, as long as the model keeps images apart.',
    '## Operators of a model file',
    importedOperators(),
    '## Refused, with advice',
    refusals(),
    '## Operators of a graph',
    `Files become graphs of these ${opNames.length} operators. Each has a gradient made of the same operators, so that gradients can be differentiated again; “–” says that none flows through. The last columns say for which execution profiles an operator is compiled in another way than for the CPU.`,
    ownOperators(),
  ].join('\n\n');
}
