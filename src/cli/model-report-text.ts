/** @file A model file's report for a person. */
import type { ModelReport, ModelUse } from '../contract/models-service.ts';
import { formatFigure, formatTable } from './output.ts';

const useWords = {
  predict: 'predictions',
  embed: 'embeddings',
  train: 'training, fine-tuning',
  attribute: 'per-sample gradients (Grad-Dot, TRAK)',
  'second-order': 'second-order gradients',
} as const satisfies Record<ModelUse, string>;

export function describeReport(report: ModelReport): string {
  return [
    headline(report),
    formatTable([['', 'name', 'type', 'shape', 'looks like'], ...ends(report)]),
    `Operators: ${report.operators.map(describeOperator).join(', ')}`,
    ...refusalTable(report),
    describeParameters(report.parameters),
    formatTable([['use', 'possible', ''], ...uses(report)]),
    ...describeMemory(report.memory),
    ...report.advice.map((sentence) => `→ ${sentence}`),
  ].join('\n\n');
}

function headline({ path, bytes, producer, opset }: ModelReport): string {
  const maker = producer === '' ? 'an unnamed exporter' : producer;
  return `${path}\n${formatBytes(bytes)}, written by ${maker}, opset ${opset}`;
}

function ends({ inputs, outputs, image }: ModelReport): string[][] {
  return [
    ...inputs.map((input) => [
      'input',
      input.name,
      input.dtype,
      describeShape(input.shape),
      input.name === image?.input ? 'images' : '',
    ]),
    ...outputs.map((output) => [
      'output',
      output.name,
      output.dtype,
      describeShape(output.shape),
      output.role,
    ]),
  ];
}

function describeShape(shape: ModelReport['inputs'][number]['shape']): string {
  return shape === null ? '?' : `[${shape.map((extent) => extent ?? '?').join(', ')}]`;
}

function describeOperator({ name, count, supported }: ModelReport['operators'][number]): string {
  return `${name} × ${count}${supported ? '' : ' (not supported)'}`;
}

function refusalTable({ refusals }: ModelReport): string[] {
  if (refusals.length === 0) return [];
  const rows = refusals.map(({ node, op, reason }) => [node, op, reason]);
  return [`Cannot be read:\n${formatTable([['node', 'operator', 'reason'], ...rows])}`];
}

function describeParameters({ count, byKind }: ModelReport['parameters']): string {
  const kinds = byKind.map(
    (entry) =>
      `${entry.kind} ${formatFigure(entry.count)} in ${entry.layers} ${entry.layers === 1 ? 'layer' : 'layers'}`,
  );
  return `Parameters: ${formatFigure(count)}${kinds.length === 0 ? '' : ` (${kinds.join(', ')})`}`;
}

function uses(report: ModelReport): string[][] {
  return report.uses.map(({ use, possible, detail }) => [useWords[use], possible ? 'yes' : 'no', detail]);
}

function describeMemory(memory: ModelReport['memory']): string[] {
  if (memory === null) return [];
  const { imageSize, batchSize, trainingBytes, featureBytes, how } = memory;
  return [
    `Memory at ${batchSize} images of ${imageSize} × ${imageSize}: training ${formatBytes(trainingBytes)}, ` +
      `per-sample gradients ${formatBytes(featureBytes)}\n(${how})`,
  ];
}

function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
