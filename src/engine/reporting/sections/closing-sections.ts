/** @file What stands at the end of every report: limitations, which nobody can delete, how to repeat it, and an annex to be filled in by hand. */
import type { Block, Section } from '../report-document.ts';
import { code, type Words } from '../words.ts';
import type { ReportInput } from '../report-input.ts';
import { commandOf, shellWord } from '../run-command.ts';
import { counted } from './phrases.ts';

/** Printed whatever is found; there is no way to leave one out. */
const LIMITATIONS: readonly string[] = [
  'Everything here holds of the files that are listed with their hashes, and of no others. Whether the training images are all that the model learned from is an answer of people, not of a computation.',
  'Likeness of two images does not say that one was made from the other. Both may go back to a third, and common subjects look alike.',
  'Estimated influence is an approximation of what training again would show. Its figures have no unit that could be compared between methods, and no threshold at which an image counts as used.',
  'Trainings differ by chance. A measured effect of removal holds of this architecture, these parameters and these seeds; repeats and random groups show by how much chance alone moves it.',
  'Shares of groups are parts of a positive score beyond what random groups reach. They are no shares of authorship, of value or of money, and they need not add up to a whole: what no group is given is diffuse / not attributed.',
  'Groups are what people made them. Another division of the same images can give other results.',
  'Controls show faults that they were made to show. That all controls are met does not prove a finding.',
  'Hashes and the chain of events show whether something was changed after it was written down, and not whether it was true then. Times are those of the clock of the machine.',
  'What files say of themselves, such as generation parameters or a C2PA manifest, is shown as it stands and is not verified.',
  'Whence states measurements. It draws no conclusion in law, and none may be attributed to it.',
];

export function limitationsSection({ caseFile, materials }: ReportInput): Section {
  const found = [...LIMITATIONS, ...ownLimitations({ caseFile, materials })];
  return {
    ...{ kind: 'section', id: 'limitations', title: 'Limitations', startsPage: true },
    blocks: [{ kind: 'list', ordered: true, items: found }],
  };
}

/** What this case in particular lacks. */
function ownLimitations({ caseFile, materials }: Pick<ReportInput, 'caseFile' | 'materials'>): string[] {
  const answered = (question: string): boolean =>
    caseFile.completeness.some((one) => one.question === question && one.answer === 'yes');
  const missing = materials.images.filter(({ isMissing }) => isMissing).length;
  return [
    ...(answered('training-set') ? [] : ['In this case nobody has said that the training set is whole.']),
    ...(answered('model') ? [] : ['In this case nobody has said that the model is the one in question.']),
    ...(missing === 0
      ? []
      : [
          `Of ${counted(materials.images.length, 'training image')}, ${counted(missing, 'file')} ${missing === 1 ? 'was' : 'were'} missing.`,
        ]),
    ...(caseFile.manifest === null
      ? ['The manifest of the training images was not taken down in the case.']
      : []),
    ...(caseFile.manifest?.unchanged === false
      ? ['The training images have changed since their manifest was taken down.']
      : []),
    ...(caseFile.runs.some(({ outdated }) => outdated)
      ? ['Some runs are outdated: what they were made of has changed since.']
      : []),
    ...(caseFile.influence.length === 1 ? ['Influence was estimated by one method only.'] : []),
    ...(caseFile.controlsMet === true ? [] : ['Not all controls were met.']),
  ];
}

export function repeatSection({ caseFile, materials }: ReportInput): Section {
  const project = shellWord(`${materials.projectName}.whence`);
  const runs = materials.runs.flatMap((run) => {
    const command = commandOf(run, project);
    return command === null ? [] : [command];
  });
  const version: Words = [
    'With Whence ',
    code(materials.environment['whence'] ?? 'of the same version'),
    ', the project and the same files in place. Runs have their seeds among their parameters: on the same machine they give the same figures; on another, figures that agree within rounding.',
  ];
  const blocks: Block[] = [
    { kind: 'text', words: version },
    { kind: 'commands', lines: runs },
    {
      kind: 'text',
      words:
        'To check the bundle, its chain of events, and the files of the project against it; and to compute the linked runs once more and compare:',
    },
    {
      kind: 'commands',
      lines: [
        `whence verify BUNDLE.zip --project ${project}`,
        `whence verify BUNDLE.zip --project ${project} --rerun`,
      ],
    },
    { kind: 'text', words: 'To write this report again:' },
    {
      kind: 'commands',
      lines: [`whence case report ${caseFile.id} --project ${project} --bundle BUNDLE.zip`],
    },
  ];
  return { kind: 'section', id: 'repeat', title: 'How to repeat this', blocks };
}

export function annexSection(): Section {
  return {
    ...{ kind: 'section', id: 'annex', title: 'Annex: certification', startsPage: true },
    blocks: [
      {
        kind: 'note',
        words:
          'A template, left blank by Whence. It is filled in and signed by hand, by a person who can answer for it, or not at all.',
      },
      {
        kind: 'text',
        words:
          'I have examined the materials named in this report by the method that it describes. The figures are those that the programs gave. I have read the limitations.',
      },
      {
        kind: 'form',
        fields: [
          'Name',
          'Office and qualification',
          'On whose behalf',
          'What was certified, and what was not',
          'SHA-256 of the bundle',
          'Place and date',
          'Signature',
        ],
      },
    ],
  };
}
