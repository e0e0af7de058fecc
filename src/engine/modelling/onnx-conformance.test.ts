import { beforeAll, describe, expect, it } from 'vitest';
import { runCase, type Outcome } from '../../../testing/onnx-conformance.ts';
import { findOnnxTestCases, onnxTestCasesMissing } from '../../../testing/onnx-test-cases.ts';
import { importRules } from '../../core/onnx/import/import-rules.ts';
import { createOrtExecutor } from '../runtime/ort-executor.ts';

/** Cases that differ from what is expected, and why that is right. */
const knownDifferences: Readonly<Record<string, string>> = {
  ...because('training modes are imported as evaluation, which is what attribution is about', [
    'node/test_batchnorm_epsilon_training_mode',
    'node/test_batchnorm_example_training_mode',
    'node/test_training_dropout',
    'node/test_training_dropout_default',
    'node/test_training_dropout_default_mask',
    'node/test_training_dropout_mask',
  ]),
  ...because('the body of the function has π to five digits, the expected values have it to all', [
    'node/test_blackmanwindow_expanded',
    'node/test_blackmanwindow_symmetric_expanded',
    'node/test_hammingwindow_expanded',
    'node/test_hammingwindow_symmetric_expanded',
    'node/test_hannwindow_expanded',
    'node/test_hannwindow_symmetric_expanded',
  ]),
  ...because('the data hold the bits of bfloat16 numbers as uint16', [
    'node/test_cast_BFLOAT16_to_FLOAT',
    'node/test_cast_FLOAT_to_BFLOAT16',
    'node/test_castlike_BFLOAT16_to_FLOAT',
    'node/test_castlike_BFLOAT16_to_FLOAT_expanded',
    'node/test_castlike_FLOAT_to_BFLOAT16',
    'node/test_castlike_FLOAT_to_BFLOAT16_expanded',
  ]),
  ...because(
    'corners are aligned to a fractional output size; ONNX Runtime and exporters align to the whole one',
    [
      'node/test_resize_downsample_scales_cubic_align_corners',
      'node/test_resize_downsample_scales_linear_align_corners',
    ],
  ),
  ...because('doubles beyond the range of float32, in which everything is computed', [
    'pytorch-operator/test_operator_add_broadcast',
    'pytorch-operator/test_operator_add_size1_right_broadcast',
    'pytorch-operator/test_operator_add_size1_singleton_broadcast',
    'pytorch-operator/test_operator_addconstant',
  ]),
};

function because(reason: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, reason]));
}

/** Supported operators none of whose cases can pass, and why. */
const withoutPassingCase: Readonly<Record<string, string>> = {
  QuantizeLinear: 'its cases quantise what is fed; it is supported for weights, as DequantizeLinear is',
};

const missing = onnxTestCasesMissing();
if (missing !== null) console.warn(`\nNOT TESTED: conformance with ONNX. ${missing}\n`);

it('the ONNX test cases are there wherever the whole gate runs', () => {
  if (process.env['CI'] !== undefined) expect(missing).toBeNull();
});

describe.skipIf(missing !== null)('the test cases of the ONNX project', () => {
  const outcomes: Outcome[] = [];

  beforeAll(async () => {
    const executor = createOrtExecutor({ threads: 1 });
    for (const testCase of findOnnxTestCases()) outcomes.push(await runCase(testCase, executor));
    console.log(report(outcomes));
  }, 240_000);

  it('pass, or are refused for a reason, both by the reference and compiled', () => {
    const differing = outcomes.filter(({ kind, name }) => kind === 'failed' && !(name in knownDifferences));
    expect(differing.map(({ name, detail }) => `${name}: ${detail}`)).toEqual([]);
    expect(outcomes.filter(({ kind }) => kind === 'passed').length).toBeGreaterThan(400);
  });

  it('differ still where they are known to', () => {
    const known = outcomes.filter(({ name }) => name in knownDifferences);
    expect(known.filter(({ kind }) => kind !== 'failed').map(({ name }) => name)).toEqual([]);
  });

  it('pass at least once for every supported operator that has any', () => {
    const supported = outcomes.filter(({ operators }) =>
      operators.every((operator) => operator in importRules),
    );
    const passing = operatorsOf(supported.filter(({ kind }) => kind === 'passed'));
    const never = [...operatorsOf(supported)].filter((operator) => !passing.has(operator));
    expect(never.sort()).toEqual(Object.keys(withoutPassingCase).sort());
  });
});

function operatorsOf(outcomes: readonly Outcome[]): Set<string> {
  return new Set(outcomes.flatMap(({ operators }) => operators));
}

/** How many passed in which manner, which operators those cover, and every reason for a refusal with the number of cases. */
function report(outcomes: readonly Outcome[]): string {
  const of = (kind: Outcome['kind']): Outcome[] => outcomes.filter((outcome) => outcome.kind === kind);
  const passing = operatorsOf(of('passed'));
  const covered = Object.keys(importRules).filter((operator) => passing.has(operator));
  const uncovered = Object.keys(importRules).filter((operator) => !passing.has(operator));
  return [
    `ONNX test cases: ${outcomes.length}; ${of('passed').length} passed, ${of('refused').length} refused, ${of('failed').length} failed`,
    `passed: ${counts(of('passed'))}`,
    `${covered.length} supported operators with a passing case: ${covered.sort().join(', ')}`,
    `${uncovered.length} supported operators without: ${uncovered.sort().join(', ')}`,
    'differing, by reason:',
    `  ${counts(
      of('failed').map((one) => ({ ...one, detail: knownDifferences[one.name] ?? 'not known' })),
      '\n  ',
    )}`,
    'refused, by reason:',
    `  ${counts(of('refused'), '\n  ')}`,
  ].join('\n');
}

function counts(outcomes: readonly Outcome[], separator = ', '): string {
  const details = Map.groupBy(outcomes, ({ detail }) => detail);
  return [...details]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([detail, those]) => `${those.length} × ${detail}`)
    .join(separator);
}
