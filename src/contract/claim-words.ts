/**
 * @file What may be printed of a finding, by the step of the claim ladder that it reached. Screens and reports take their headings and sentences from this table and
 * from nowhere else, so that a finding is never told in the words of a higher step.
 */
import { refuseBlockedWords } from './blocked-words.ts';
import type { ClaimStep } from './claims.ts';

export interface ClaimWords {
  /** The only heading that findings of this step stand under. */
  readonly heading: string;
  /** What is said by it. */
  readonly says: string;
  /** What is not said by it, printed beside every finding. */
  readonly doesNotSay: string;
  /** Holes: {query}, {image}, {group}, numbers of the project. */
  readonly ofImage: string;
  readonly ofGroup: string;
  /** Made by training again, rather than estimated or compared. */
  readonly isMeasured: boolean;
}

export const claimWords: Readonly<Record<ClaimStep, ClaimWords>> = {
  manifest: {
    heading: 'In the manifest',
    says: 'The query image is a file of the training images, or has the same pixels once both are decoded.',
    doesNotSay:
      'It does not say that the model learned anything from the file, or that the model made the query image from it.',
    ofImage: 'Query {query} and training image {image} are the same image.',
    ofGroup: 'Query {query} is among the training images of group {group}.',
    isMeasured: false,
  },
  'near-copy': {
    heading: 'Near-copy',
    says: 'Laid over the query image, shifted, scaled, cropped or mirrored, the training image agrees with it pixel by pixel beyond the stated threshold.',
    doesNotSay:
      'It does not say how the likeness came about: both may go back to a third image. It says nothing of the model.',
    ofImage: 'Training image {image} is a near-copy of query {query}.',
    ofGroup: 'Group {group} holds a near-copy of query {query}.',
    isMeasured: false,
  },
  alike: {
    heading: 'Looks alike',
    says: 'Similarity alone: how near the training image lies to the query image, and how common it is to lie so near.',
    doesNotSay:
      'It does not say what the model learned from: similarity is a baseline that any estimate of influence has to beat.',
    ofImage: 'Training image {image} looks like query {query}.',
    ofGroup: 'Images of group {group} look like query {query}.',
    isMeasured: false,
  },
  influence: {
    heading: 'Estimated influence',
    says: 'An estimate, made without training again, of what the model would do without the training image or the group.',
    doesNotSay:
      'What removal really changes is only known once it is measured. An estimate that stands out is a reason to look, not a finding of fact.',
    ofImage: 'By estimate, query {query} depends on training image {image}.',
    ofGroup: 'By estimate, query {query} depends on group {group} more than on random groups of its size.',
    isMeasured: false,
  },
  removal: {
    heading: 'Measured effect of removal',
    says: 'The model was trained again without the group, and the difference was measured. Trainings differ by chance: repeats and random groups show by how much.',
    doesNotSay:
      'It does not say which image of the group the difference comes from, or what another model would do.',
    ofImage: 'Trained again without training image {image}, the model does otherwise at query {query}.',
    ofGroup:
      'Trained again without group {group}, the model does otherwise at query {query} than without random groups of its size.',
    isMeasured: true,
  },
};

/** What a figure of a finding is called, and how it is written. */
const figureWords: Readonly<Record<string, string>> = {
  agreement: 'correlation of the aligned pixels',
  overlap: 'part of the query that is covered',
  rank: 'rank by likeness',
  similarity: 'similarity',
  hashDistance: 'bits in which the perceptual hashes differ, of 64',
  commonness: 'part of the training images that have another as near',
  score: 'score',
  deviation: 'standard deviation',
  methods: 'methods that name it',
  percentile: 'part of the comparisons that score lower',
  nullPercentile: 'part of the control queries whose strongest image scores lower',
  raw: 'raw score',
  perImage: 'score per image',
  share: 'share of all positive score',
  pValue: 'p-value against random groups',
  top10: 'overlap of the strongest 10',
  top50: 'overlap of the strongest 50',
  sameSign: 'part with the same sign',
};

/** 'agreement 0.97' as a person reads it; a name that is not in the table is taken apart into its words. */
export function sayFigure(name: string, value: number): string {
  const words = figureWords[name] ?? name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return refuseBlockedWords(`${words} ${writeFigure(value)}`);
}

/** Whole numbers whole, others by three digits; the same on every machine. */
export function writeFigure(value: number): string {
  if (!Number.isFinite(value)) return 'not a number';
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1000) return value.toFixed(0);
  if (size < 0.001) return value.toExponential(2);
  return String(Number(value.toPrecision(3)));
}

/** What a finding is of. */
export interface ClaimSubject {
  readonly step: ClaimStep;
  readonly queryId: number;
  readonly sampleId: number | null;
  readonly groupId: number | null;
  readonly figures: Readonly<Record<string, number>>;
}

/** The one sentence that may be printed of a finding, with its figures. */
export function sayFinding({ step, queryId, sampleId, groupId, figures }: ClaimSubject): string {
  const { ofImage, ofGroup } = claimWords[step];
  const sentence = (groupId === null ? ofImage : ofGroup)
    .replace('{query}', String(queryId))
    .replace('{image}', String(sampleId ?? ''))
    .replace('{group}', String(groupId ?? ''));
  const told = Object.entries(figures).map(([name, value]) => sayFigure(name, value));
  return refuseBlockedWords(told.length === 0 ? sentence : `${sentence.slice(0, -1)}: ${told.join('; ')}.`);
}

/** What is not said at a step, beside what is. */
export function sayLimits(step: ClaimStep): string {
  return refuseBlockedWords(`${claimWords[step].says} ${claimWords[step].doesNotSay}`);
}
