/** @file What people said of the materials, what they did, and what they judged. */
import type { CaseFile, CompletenessQuestion, Exhibit, Judgement } from '../../../contract/cases-service.ts';
import { claimWords } from '../../../contract/claim-words.ts';
import { stepNumber } from '../../../contract/claims.ts';
import type { Block, Section, ShownPicture } from '../report-document.ts';
import { code, named } from '../words.ts';
import type { ReportInput } from '../report-input.ts';
import { pairKey, type ReportPictures } from '../report-materials.ts';
import { groupWords, timeWords } from './phrases.ts';

const questions = {
  'training-set': 'Is this the whole training set?',
  model: 'Is this the model?',
  queries: 'Are these the images that it made?',
} as const satisfies Record<CompletenessQuestion, string>;

export function completenessSection({ caseFile }: ReportInput): Section {
  const blocks = Object.entries(questions).map(([question, title]): Section => {
    const answers = caseFile.completeness.filter((answer) => answer.question === question);
    return {
      ...{ kind: 'section', id: `completeness-${question}`, title },
      blocks:
        answers.length === 0
          ? [{ kind: 'text', words: 'Nobody has answered this.' }]
          : answers.flatMap(({ answer, answeredBy, basis, reviewer, at }): Block[] => [
              {
                kind: 'text',
                words: [
                  `${answerWords[answer]}, says `,
                  named(answeredBy),
                  '; written down by ',
                  named(reviewer),
                  `, ${timeWords(at)}.`,
                ],
              },
              { kind: 'quote', text: basis, about: 'On what basis', by: answeredBy, at: null },
            ]),
    };
  });
  const note: Block = {
    kind: 'note',
    words:
      'Whence cannot know whether images are absent from the manifest. Everything in this report holds of the materials that it lists.',
  };
  return { kind: 'section', id: 'completeness', title: 'Completeness', blocks: [note, ...blocks] };
}

const answerWords = { yes: 'Yes', no: 'No', unknown: 'Not known' } as const;

export function evidenceSection({ chain, materials }: ReportInput): Section {
  return {
    ...{ kind: 'section', id: 'evidence', title: 'Evidence chain', startsPage: true },
    blocks: [
      {
        kind: 'text',
        words:
          'Everything that was done in the case, in its order. Each event holds the hash of the one before, so that none can be changed, left out or put in without the chain breaking. The events are the file events.jsonl of the bundle.',
      },
      {
        kind: 'facts',
        rows: [
          ['Events', String(chain.lines.length)],
          ['Hash of the last', [code(chain.head)]],
          ['Project', [named(materials.projectName)]],
        ],
      },
      {
        kind: 'table',
        caption: 'Events, oldest first',
        head: ['Event', 'When', 'Who', 'What', 'Hash'],
        rows: chain.lines.map((line) => {
          const event = JSON.parse(line) as {
            number: number;
            at: string;
            reviewer: string;
            text: string;
            hash: string;
          };
          return [
            String(event.number),
            timeWords(event.at),
            [named(event.reviewer)],
            [named(event.text)],
            [code(event.hash.slice(0, 16))],
          ];
        }),
      },
    ],
  };
}

export function exhibitsSection({ caseFile, materials }: ReportInput): Section {
  const { exhibits } = caseFile;
  const blocks: Block[] =
    exhibits.length === 0
      ? [{ kind: 'text', words: 'There is no exhibit.' }]
      : exhibits.map((exhibit) => exhibitSection(exhibit, caseFile, materials.pictures));
  return { kind: 'section', id: 'exhibits', title: 'Exhibits', startsPage: true, blocks };
}

function exhibitSection(exhibit: Exhibit, { groups }: CaseFile, pictures: ReportPictures): Section {
  const { number, groupId, step, caption, redacted, addedAt } = exhibit;
  const group = groups.find((one) => one.groupId === groupId);
  const blocks: Block[] = [{ kind: 'pictures', pictures: exhibitPictures(exhibit, pictures) }];
  if (groupId !== null) blocks.push({ kind: 'text', words: groupWords(groupId, group?.name ?? '') });
  blocks.push(
    {
      kind: 'facts',
      rows: [
        [
          'Highest step that findings about it reach',
          step === null
            ? 'none: no check says anything of it'
            : `${stepNumber(step)}, ${claimWords[step].heading}`,
        ],
        ['Added', timeWords(addedAt)],
        ...(redacted ? [['Redacted', 'Its pictures are blurred in this report.'] as const] : []),
      ],
    },
    {
      kind: 'note',
      words:
        step === null ? 'Nothing is said of it but that people put it here.' : claimWords[step].doesNotSay,
    },
  );
  if (caption !== '')
    blocks.push({ kind: 'quote', text: caption, about: 'Caption', by: 'the reviewers', at: null });
  return { kind: 'section', id: `exhibit-${number}`, title: `Exhibit ${number}`, blocks };
}

export function exhibitPictures(
  { number, queryId, sampleId }: Exhibit,
  pictures: ReportPictures,
): ShownPicture[] {
  const shown: ShownPicture[] = [];
  const query = pictures.queries.get(queryId);
  const sample = sampleId === null ? undefined : pictures.samples.get(sampleId);
  const difference = sampleId === null ? undefined : pictures.differences.get(pairKey(queryId, sampleId));
  if (query !== undefined)
    shown.push({
      picture: query,
      alt: `Exhibit ${number}: query image ${queryId}`,
      caption: `Query ${queryId}`,
    });
  if (sample !== undefined)
    shown.push({
      picture: sample,
      alt: `Exhibit ${number}: training image ${sampleId}`,
      caption: `Training image ${sampleId}`,
    });
  if (difference !== undefined)
    shown.push({
      picture: difference,
      alt: `Exhibit ${number}: where the two differ once aligned`,
      caption: 'Where they differ once aligned: dark is alike',
    });
  return shown;
}

const verdicts = {
  'same-image': 'the same image',
  'same-subject': 'the same subject',
  'same-style': 'the same style',
  'no-resemblance': 'no resemblance',
  unsure: 'unsure',
} as const satisfies Record<Judgement['verdict'], string>;

export function reviewSection({ caseFile }: ReportInput): Section {
  const { exhibits, notes } = caseFile;
  const judged = exhibits.flatMap(({ number, judgements }) =>
    judgements.map((judgement) => ({ number, ...judgement })),
  );
  const blocks: Block[] = [
    {
      kind: 'text',
      words:
        'What people saw in the exhibits. Blind means that scores, ranks and groups were hidden from the reviewer until the judgement was made. A later judgement does not erase an earlier one.',
    },
  ];
  if (judged.length === 0) blocks.push({ kind: 'text', words: 'No exhibit was judged.' });
  else
    blocks.push({
      kind: 'table',
      caption: 'Judgements, by exhibit',
      head: ['Exhibit', 'Judgement', 'Blind', 'Reviewer', 'When', 'Note'],
      rows: judged.map(({ number, verdict, blind, reviewer, at, note }) => [
        String(number),
        verdicts[verdict],
        blind ? 'blind' : 'not blind',
        [named(reviewer)],
        timeWords(at),
        note === '' ? '' : [named(note)],
      ]),
    });
  blocks.push({ kind: 'text', words: blindCount(judged) });
  for (const { text, reviewer, at } of notes)
    blocks.push({ kind: 'quote', text, about: 'Note', by: reviewer, at });
  return { kind: 'section', id: 'review', title: 'Human review', startsPage: true, blocks };
}

function blindCount(judged: readonly Pick<Judgement, 'blind'>[]): string {
  return `${judged.filter(({ blind }) => blind).length} of ${judged.length} judgements were blind.`;
}
