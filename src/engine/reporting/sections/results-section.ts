/** @file What was found, step by step of the ladder: under the heading of a step stands what reached that step, and nothing else. */
import { claimWords, sayFinding } from '../../../contract/claim-words.ts';
import { ClaimStep, stepNumber } from '../../../contract/claims.ts';
import type { CaseFile, CopyMatch, Finding } from '../../../contract/cases-service.ts';
import type { Block, Section, ShownPicture } from '../report-document.ts';
import type { Words } from '../words.ts';
import type { ReportInput } from '../report-input.ts';
import { pairKey, type ReportPictures } from '../report-materials.ts';
import { groupBlocks } from './group-blocks.ts';
import { influenceBlocks } from './influence-blocks.ts';
import { figureOr, partOr } from './phrases.ts';

/** Rows of likeness that are printed per query; the bundle's tables have all. */
const PRINTED = 10;

export function resultsSection(input: ReportInput): Section {
  const steps = ClaimStep.options.map((step) => stepSection(step, input));
  return {
    ...{ kind: 'section', id: 'results', title: 'Results', startsPage: true },
    blocks: [...steps, notReliedOn(input.caseFile)],
  };
}

function stepSection(step: ClaimStep, input: ReportInput): Section {
  const { heading, says, doesNotSay } = claimWords[step];
  const found = input.caseFile.findings.filter((finding) => finding.step === step && finding.supported);
  return {
    ...{ kind: 'section', id: `step-${step}`, title: `Step ${stepNumber(step)}: ${heading}`, step },
    blocks: [
      { kind: 'note', words: `${says} ${doesNotSay}` },
      ...(found.length === 0
        ? [{ kind: 'text', words: 'No finding of this step is relied on.' } as const]
        : []),
      ...found.map((finding) => findingBlock(finding, input.caseFile)),
      ...pairsSeen(found, step, input.materials.pictures),
      ...detail(step, input),
    ],
  };
}

function findingBlock(finding: Finding, { runs }: CaseFile): Block {
  const known = finding.runIds.filter((runId) => runs.some((run) => run.runId === runId));
  const rests: Words = known.length === 0 ? '' : ` Run ${known.join(', ')}.`;
  return { kind: 'finding', step: finding.step, words: [sayFinding(finding), rests] };
}

/** Only the two steps that are about pixels are shown as pictures. */
function pairsSeen(found: readonly Finding[], step: ClaimStep, pictures: ReportPictures): Block[] {
  if (step !== 'manifest' && step !== 'near-copy') return [];
  return found.flatMap(({ queryId, sampleId }): Block[] => {
    const shown = sampleId === null ? [] : pairPictures(queryId, sampleId, pictures);
    return shown.length === 0 ? [] : [{ kind: 'pictures', pictures: shown }];
  });
}

function pairPictures(queryId: number, sampleId: number, pictures: ReportPictures): ShownPicture[] {
  const all = [
    [pictures.queries.get(queryId), `Query ${queryId}`],
    [pictures.samples.get(sampleId), `Training image ${sampleId}`],
    [
      pictures.differences.get(pairKey(queryId, sampleId)),
      `Where query ${queryId} and training image ${sampleId} differ once aligned: dark is alike`,
    ],
  ] as const;
  return all.flatMap(([picture, caption]) =>
    picture === undefined ? [] : [{ picture, alt: caption, caption }],
  );
}

function detail(step: ClaimStep, { caseFile }: ReportInput): Block[] {
  const ofStep = <Item extends { readonly step: ClaimStep }>(items: readonly Item[]): Item[] =>
    items.filter((item) => item.step === step);
  const methods = ofStep(caseFile.influence);
  return [
    ...(step === 'influence' || step === 'removal' ? [] : likeness(step, caseFile)),
    ...(step === 'influence' || methods.length > 0 ? influenceBlocks(methods) : []),
    ...ofStep(caseFile.shares).flatMap((shares) => groupBlocks(shares)),
  ];
}

function likeness(step: ClaimStep, { copies }: CaseFile): Block[] {
  if (copies === null) return [{ kind: 'text', words: 'The search for near-copies was not run.' }];
  return copies.queries
    .filter(({ role }) => role === 'query')
    .flatMap(({ queryId, matches, commonness }): Block[] => {
      const rows = matches.filter((match) => match.step === step).slice(0, PRINTED);
      if (rows.length === 0) return [];
      const table: Block = {
        kind: 'table',
        caption: `${claimWords[step].heading}: training images beside query ${queryId}`,
        head: [
          'Training image',
          'Relation',
          'Rank',
          'Similarity',
          'Hash bits',
          'Agreement',
          'As near',
          'Where',
        ],
        figures: [2, 3, 4, 5, 6],
        rows: rows.map(matchRow),
      };
      return step === 'alike'
        ? [table, { kind: 'text', words: commonnessSentence(queryId, commonness) }]
        : [table];
    });
}

const relations = {
  'same-file': 'equal bytes',
  'same-pixels': 'equal pixels',
  aligned: 'agrees once aligned',
  alike: 'looks alike',
} as const satisfies Record<CopyMatch['relation'], string>;

function matchRow({
  sampleId,
  relation,
  rank,
  similarity,
  hashDistance,
  agreement,
  commonness,
  placement,
}: CopyMatch): Words[] {
  return [
    String(sampleId),
    relations[relation],
    figureOr(rank, 'beyond those kept'),
    figureOr(similarity),
    String(hashDistance),
    figureOr(agreement, 'not aligned'),
    partOr(commonness),
    placement === null ? '' : placeWords(placement),
  ];
}

function placeWords({ mirrored, query }: NonNullable<CopyMatch['placement']>): string {
  const covered = `covers ${partOr(query.width * query.height)} of the query`;
  return mirrored ? `${covered}, mirrored` : covered;
}

function commonnessSentence(queryId: number, commonness: number | null): string {
  if (commonness === null) return `How common it is to lie as near as query ${queryId} does is not known.`;
  return `${partOr(commonness)} of the training images have another training image at least as near as query ${queryId} has one. A small part means that lying so near is unusual here.`;
}

/** Findings whose control was not met, or whose run is outdated, under a heading that claims nothing. */
function notReliedOn({ findings }: CaseFile): Section {
  const left = findings.filter(({ supported }) => !supported);
  return {
    ...{ kind: 'section', id: 'not-relied-on', title: 'Not relied on', step: 'not-relied-on' },
    blocks:
      left.length === 0
        ? [{ kind: 'text', words: 'There is no finding that is not relied on.' }]
        : [
            {
              kind: 'text',
              words:
                'These were computed, and are told for completeness. A control that they rest on was not met or not run, or what their run was made of has changed since.',
            },
            ...left.map((finding): Block => ({
              ...{ kind: 'finding', step: finding.step },
              words: [`Step ${stepNumber(finding.step)}. `, sayFinding(finding)],
            })),
          ],
  };
}
