/** @file What shows whether findings can be trusted: controls, and whether methods agree. */
import type { CaseControl, CaseFile } from '../../../contract/cases-service.ts';
import type { Block, Section } from '../report-document.ts';
import { named, type Given, type Words } from '../words.ts';
import type { ReportInput } from '../report-input.ts';
import { checkNames, figureOr, partOr, queryRole, yesNo } from './phrases.ts';

const controlNames = {
  'known-training-image': 'A known training image is found',
  'held-out-image': 'A held-out image is not taken for a training image',
  'unrelated-query': 'An unrelated query is attributed to nothing',
  'random-groups': 'Random groups of the same size',
  'under-unlearning': 'What was unlearned is forgotten',
  'over-unlearning': 'What was not unlearned is still known',
} as const satisfies Record<CaseControl['name'], string>;

export function controlsSection({ caseFile }: ReportInput): Section {
  const { controls, copies } = caseFile;
  const blocks: Block[] = [{ kind: 'text', words: overall(caseFile) }];
  if (controls.length > 0)
    blocks.push({
      kind: 'table',
      caption: 'Controls: what has to hold for the findings to be worth anything',
      head: ['Control', 'Of', 'Result', 'What was expected and what was found'],
      rows: controls.map(({ name, check, met, finding }) => [
        controlNames[name],
        checkNames[check],
        yesNo(met),
        withNames(finding, caseFile),
      ]),
    });
  const tried = (copies?.queries ?? []).filter(({ role }) => role !== 'query');
  if (tried.length > 0)
    blocks.push({
      kind: 'table',
      caption: 'Control images of the search for near-copies, and what came nearest',
      head: ['Control', 'Nearest training image', 'Similarity', 'Agreement'],
      figures: [2, 3],
      rows: tried.map(({ role, matches: [first] }) =>
        first === undefined
          ? [queryRole[role], 'none', '', '']
          : [
              queryRole[role],
              String(first.sampleId),
              figureOr(first.similarity),
              figureOr(first.agreement, 'not aligned'),
            ],
      ),
    });
  return { kind: 'section', id: 'controls', title: 'Controls', startsPage: true, blocks };
}

function overall({ controlsMet }: CaseFile): string {
  if (controlsMet === null) return 'Not all controls were run. Until they are, this report is a draft.';
  return controlsMet
    ? 'All controls were run and met.'
    : 'Controls not met. Findings that rest on a control that was not met are not relied on.';
}

/** A sentence of the app in which names of groups stand: the names are people's words. */
function withNames(sentence: string, { groups, shares }: CaseFile): Words {
  const names = new Set([
    ...groups.map(({ name }) => name),
    ...shares.flatMap((one) => one.groups.map(({ name }) => name)),
  ]);
  const longest = [...names].filter((name) => name !== '').sort((a, b) => b.length - a.length);
  let parts: (string | Given)[] = [sentence];
  for (const name of longest)
    parts = parts.flatMap((part) => (typeof part === 'string' ? splitAt(part, name) : [part]));
  return parts;
}

/** At the name where it stands as a word of its own. */
function splitAt(sentence: string, name: string): (string | Given)[] {
  const pattern = name.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const pieces = sentence.split(new RegExp(String.raw`(?<![\p{L}\p{N}])${pattern}(?![\p{L}\p{N}])`, 'u'));
  return pieces.flatMap((piece, index) => (index === 0 ? [piece] : [named(name), piece]));
}

export function agreementSection({ caseFile }: ReportInput): Section {
  const { agreement, influence } = caseFile;
  const titleOf = (runId: number): string =>
    influence.find((method) => method.runId === runId)?.title ?? 'a method that is gone';
  const blocks: Block[] = [
    {
      kind: 'text',
      words:
        'Whether two methods name the same training images. Methods that agree may still be wrong together; methods that disagree cannot both be right.',
    },
  ];
  if (agreement.length === 0)
    blocks.push({
      kind: 'text',
      words:
        influence.length < 2
          ? 'Fewer than two methods were used: there is nothing to compare.'
          : 'The methods share no query.',
    });
  else
    blocks.push({
      kind: 'table',
      caption: 'Agreement between methods, by query',
      head: ['Query', 'First method', 'Second method', 'Top 10 shared', 'Top 50 shared', 'Same sign'],
      figures: [3, 4, 5],
      rows: agreement.map(({ queryId, firstRunId, secondRunId, top10, top50, sameSign }) => [
        String(queryId),
        `${titleOf(firstRunId)} (run ${firstRunId})`,
        `${titleOf(secondRunId)} (run ${secondRunId})`,
        partOr(top10, 'fewer were kept'),
        partOr(top50, 'fewer were kept'),
        partOr(sameSign, 'none in common'),
      ]),
    });
  return { kind: 'section', id: 'agreement', title: 'Agreement between methods', blocks };
}
