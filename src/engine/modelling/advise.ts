/** @file What is not possible with a model file, why, and what to do about it, in plain words. */
import type { AppError } from '../../core/base/app-error.ts';
import type { ModelReport } from '../../contract/models-service.ts';

type Findings = Omit<ModelReport, 'advice'>;

export function adviseOn(
  report: Findings,
  imageProblem: string | null,
  errors: readonly AppError[],
): string[] {
  if (imageProblem !== null) return [`The model cannot be given images: ${imageProblem}.`];
  return [
    ...adviseOnOperators(report),
    ...adviseOnErrors(errors),
    ...adviseOnOutputs(report),
    ...adviseOnNormalisation(report),
  ];
}

function adviseOnOperators({ refusals, suggestion }: Findings): string[] {
  if (refusals.length === 0) return [];
  const names = [...new Set(refusals.map((refusal) => refusal.op))].join(', ');
  const count = refusals.length === 1 ? 'One node' : `${refusals.length} nodes`;
  return [
    suggestion === null
      ? `${count} cannot be read (${names}), and every output depends on them. Export the model in evaluation mode, without post-processing, or replace these operators.`
      : `${count} cannot be read (${names}). The outputs that do not depend on them can be used; those that do are left out.`,
  ];
}

function adviseOnErrors(errors: readonly AppError[]): string[] {
  const told: readonly string[] = ['model-unsupported', 'model-unsupported-op'];
  return errors.filter((error) => !told.includes(error.code)).map((error) => error.message);
}

function adviseOnOutputs({ outputs, suggestion, refusals }: Findings): string[] {
  if (suggestion !== null || outputs.length === 0 || refusals.length > 0) return [];
  const listed = outputs.map(({ name, shape }) => `${name} [${shape?.join(', ') ?? '?'}]`).join(', ');
  return [
    `No output tells classes apart: one of shape [batch, classes] is expected, and there are ${listed}. Detectors, segmenters and multi-label models are not supported; export a classifier, or a backbone with its classification head.`,
  ];
}

/** METHODS: an exporter that folds normalisation changes what the parameters are. */
function adviseOnNormalisation({ parameters, operators }: Findings): string[] {
  const has = (name: string): boolean => operators.some((operator) => operator.name === name);
  const kinds = new Set(parameters.byKind.map((entry) => entry.kind));
  if (!kinds.has('convolution') || kinds.has('normalisation') || has('BatchNormalization')) return [];
  return [
    'The convolutions have no normalisation beside them: the exporter may have folded it into their weights. Predictions are the same; gradients are those of the folded weights. To keep it, export with training=PRESERVE and without constant folding.',
  ];
}
