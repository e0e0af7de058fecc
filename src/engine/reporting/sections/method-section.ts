/** @file How it was done: every run with all of its parameters, seeds and versions. */
import type { Block, Section } from '../report-document.ts';
import { code, named } from '../words.ts';
import type { ReportInput } from '../report-input.ts';
import type { RunMaterial } from '../report-materials.ts';
import { checkNames, timeWords, valueWords } from './phrases.ts';

export function methodSection({ caseFile, materials }: ReportInput): Section {
  const blocks: Block[] = [
    {
      kind: 'text',
      words:
        'Every run that the case rests on, with every parameter that it was started with. Parameters called seed choose every random draw of a run: the same seed draws the same.',
    },
  ];
  if (materials.runs.length === 0) blocks.push({ kind: 'text', words: 'No run belongs to the case.' });
  for (const run of materials.runs) {
    const linked = caseFile.runs.find(({ runId }) => runId === run.id);
    blocks.push(runSection(run, linked?.outdated ?? false));
  }
  return { kind: 'section', id: 'method', title: 'Method', startsPage: true, blocks };
}

function runSection(run: RunMaterial, isOutdated: boolean): Section {
  const blocks: Block[] = [
    {
      kind: 'facts',
      rows: [
        ['Kind', [code(run.kind)]],
        ['For', run.check === null ? 'the model or the query images' : checkNames[run.check]],
        [
          'Status',
          isOutdated
            ? [code(run.status), '; what it was made of has changed since: to be run again']
            : [code(run.status)],
        ],
        [
          'Started, finished',
          `${timeWords(run.createdAt)}, ${run.finishedAt === null ? 'not finished' : timeWords(run.finishedAt)}`,
        ],
        ['Computed on', [code(run.provider ?? 'not known')]],
        [
          'Programs',
          Object.entries(run.versions).flatMap(([name, version], index) => [
            `${index === 0 ? '' : ', '}${name} `,
            code(version),
          ]),
        ],
        ['Hash of all that it read', [code(run.dataHash ?? 'not kept')]],
      ],
    },
    parameters(`Parameters of run ${run.id}`, run.config),
    parameters(`What run ${run.id} states at its end`, run.summary),
  ];
  if (run.notes.length > 0)
    blocks.push({ kind: 'list', items: run.notes.map((note) => ['Note: ', named(note)]) });
  return { kind: 'section', id: `run-${run.id}`, title: `Run ${run.id}`, blocks };
}

/** By name, so that the order in which they were given does not matter. */
function parameters(caption: string, values: Readonly<Record<string, unknown>>): Block {
  const names = Object.keys(values).sort();
  if (names.length === 0) return { kind: 'text', words: `${caption}: none.` };
  return {
    ...{ kind: 'table', caption, head: ['Name', 'Value'] },
    rows: names.map((name) => [[code(name)], valueWords(values[name])]),
  };
}
