/** @file A case as text: its facts, its controls, its findings by the step that each reached. */
import type { CaseFile, Finding } from '../contract/cases-service.ts';
import { stepNumber, type ClaimStep } from '../contract/claims.ts';
import { formatFigure, formatTable } from './output.ts';

const stepWords: Readonly<Record<ClaimStep, string>> = {
  manifest: 'in the manifest',
  'near-copy': 'near-copy',
  alike: 'looks alike',
  influence: 'estimated influence',
  removal: 'measured effect of removal',
};

export function caseText(file: CaseFile): string {
  const controls = file.controls.map(({ check, name, met, finding, runId }) => [
    met === null ? 'not checked' : met ? 'met' : 'NOT MET',
    ...[check, String(runId), name, finding],
  ]);
  return [
    `Case ${file.id}, ${file.status}: ${file.name}`,
    file.question,
    `Queries ${list(file.queryIds)}; models ${list(file.modelIds)}; groups ${list(file.groups.map(({ name }) => name))}; runs ${list(file.runs.map(({ runId, outdated }) => `${runId}${outdated ? ' (outdated)' : ''}`))}`,
    file.controlsMet === null
      ? 'Not all controls were run.'
      : file.controlsMet
        ? 'Controls met.'
        : 'CONTROLS NOT MET.',
    ...(controls.length === 0
      ? []
      : [formatTable([['control', 'check', 'run', 'name', 'what was found'], ...controls])]),
    ...(file.findings.length === 0
      ? ['No findings.']
      : [
          formatTable([['query', 'step', 'about', 'supported', 'figures'], ...file.findings.map(findingRow)]),
        ]),
    ...diffuse(file),
  ].join('\n');
}

function findingRow({ queryId, step, sampleId, groupId, supported, figures }: Finding): string[] {
  const numbers = Object.entries(figures).map(([name, value]) => `${name} ${formatFigure(value)}`);
  return [
    String(queryId),
    `${stepNumber(step)} ${stepWords[step]}`,
    sampleId === null ? `group ${groupId!}` : `image ${sampleId}`,
    supported ? 'yes' : 'no',
    numbers.join(', '),
  ];
}

/** Queries for which no group stands out are said so: shares are not forced to add up. */
function diffuse({ shares }: CaseFile): string[] {
  return shares.flatMap(({ title, runId, queries }) =>
    queries
      .filter(({ verdict }) => verdict === 'diffuse')
      .map(({ queryId }) => `Query ${queryId}: diffuse, not attributed to a group (${title}, run ${runId}).`),
  );
}

function list(items: readonly (string | number)[]): string {
  return items.length === 0 ? 'none' : items.join(', ');
}
