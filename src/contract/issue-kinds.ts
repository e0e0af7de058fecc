/**
 * @file The kinds of issues that images and labels have: one table of what each is called, what is measured and what can be done about it.
 * The window, the command line and the exports read it; a further kind starts with a row here.
 */
import { z } from 'zod';

/** Issues of pictures, as against those of labels. */
export const ImageIssueKind = z.enum([
  'broken',
  'leakage',
  'exact-duplicate',
  'near-duplicate',
  'blank',
  'dark',
  'bright',
  'blurred',
  'tiny',
  'odd-aspect',
  'outlier',
]);
export type ImageIssueKind = z.infer<typeof ImageIssueKind>;

/** What a queue can be about. */
export const IssueKind = z.enum(['label', ...ImageIssueKind.options]);
export type IssueKind = z.infer<typeof IssueKind>;

/** One way to decide all open issues of a kind at once. */
export const IssueRule = z.enum([
  'keep-largest',
  'keep-first',
  'keep-train',
  'exclude-train',
  'exclude-all',
  'keep-all',
]);
export type IssueRule = z.infer<typeof IssueRule>;

export interface IssueRuleWords {
  readonly title: string;
  /** What happens to each issue. */
  readonly meaning: string;
}

export const issueRuleWords: Readonly<Record<IssueRule, IssueRuleWords>> = {
  'keep-largest': {
    title: 'Keep the larger',
    meaning:
      'Of each cluster the image with most pixels stays, of equal ones that with most bytes; the others are excluded.',
  },
  'keep-first': {
    title: 'Exclude all but one',
    meaning: 'Of each cluster the image that was imported first stays; the others are excluded.',
  },
  'keep-train': {
    title: 'Keep the one in train',
    meaning:
      'What is in train stays; its duplicates in val and test are excluded. A cluster without one in train is left open.',
  },
  'exclude-train': {
    title: 'Exclude from train what is in test',
    meaning:
      'What is in val and test stays; its duplicates in train are excluded. A cluster that lies in train alone is left open.',
  },
  'exclude-all': { title: 'Exclude all', meaning: 'Every image that has the issue is excluded.' },
  'keep-all': { title: 'Keep all', meaning: 'Nothing is excluded; the issues count as looked at.' },
};

export interface IssueKindWords {
  readonly title: string;
  /** Of one issue: '3 blurred images'. */
  readonly noun: { readonly one: string; readonly many: string };
  readonly meaning: string;
  /** What is measured, and in which unit; null: nothing is. */
  readonly measure: { readonly title: string; readonly unit: string } | null;
  /** Where it becomes an issue; null: there is nothing to choose. */
  readonly threshold: {
    readonly value: number;
    readonly from: 'below' | 'above';
    readonly least: number;
    readonly most: number;
  } | null;
  /** How the threshold is to be understood: as a value of its own, or against the other images. */
  readonly scale: string;
  /** An issue is one image, or a cluster of them. */
  readonly about: 'image' | 'cluster' | 'file';
  /** The first is what the kind suggests. */
  readonly rules: readonly IssueRule[];
}

const ofClusters = ['keep-largest', 'keep-first', 'keep-all'] as const;
const ofImages = ['exclude-all', 'keep-all'] as const;

export const issueKindWords: Readonly<Record<IssueKind, IssueKindWords>> = {
  label: {
    title: 'Labels',
    noun: { one: 'doubtful label', many: 'doubtful labels' },
    meaning: 'The label is probably wrong.',
    measure: { title: 'suspicion', unit: '' },
    threshold: null,
    scale: 'A probability, or a rank among the labels: see the ranking.',
    about: 'image',
    rules: [],
  },
  broken: {
    title: 'Broken files',
    noun: { one: 'broken file', many: 'broken files' },
    meaning: 'The file could not be read as an image, or is gone.',
    measure: null,
    threshold: null,
    scale: 'A file can be read or it cannot.',
    about: 'file',
    rules: ofImages,
  },
  leakage: {
    title: 'Leaks between splits',
    noun: { one: 'leak', many: 'leaks' },
    meaning:
      'The same picture, or nearly the same, is in more than one split, so what is measured on test was partly learned.',
    measure: { title: 'similarity', unit: '' },
    threshold: null,
    scale: 'As for exact and near duplicates, whose thresholds hold.',
    about: 'cluster',
    rules: ['exclude-train', 'keep-train', 'keep-all'],
  },
  'exact-duplicate': {
    title: 'Exact duplicates',
    noun: { one: 'cluster of exact duplicates', many: 'clusters of exact duplicates' },
    meaning: 'The same pixels more than once, as the same file or saved anew without loss.',
    measure: null,
    threshold: null,
    scale: 'Equal SHA-256 of the file, or of the decoded pixels.',
    about: 'cluster',
    rules: ofClusters,
  },
  'near-duplicate': {
    title: 'Near duplicates',
    noun: { one: 'cluster of near duplicates', many: 'clusters of near duplicates' },
    meaning: 'Almost the same picture: saved with loss, resized, slightly changed.',
    measure: { title: 'similarity', unit: '' },
    threshold: { value: 0.98, from: 'above', least: 0.5, most: 1 },
    scale: 'Correlation of the brightness of two images, each brought to 32 × 32; 1 is the same.',
    about: 'cluster',
    rules: ofClusters,
  },
  blank: {
    title: 'Blank images',
    noun: { one: 'blank image', many: 'blank images' },
    meaning: 'One brightness all over: nothing is to be seen.',
    measure: { title: 'contrast', unit: '' },
    threshold: { value: 0.01, from: 'below', least: 0, most: 0.5 },
    scale: 'Standard deviation of the brightness, 0 … ½; below three of 255 steps.',
    about: 'image',
    rules: ofImages,
  },
  dark: {
    title: 'Dark images',
    noun: { one: 'dark image', many: 'dark images' },
    meaning: 'Almost no pixel is bright: under-exposed, or taken at night.',
    measure: { title: 'highlights', unit: '' },
    threshold: { value: 0.25, from: 'below', least: 0, most: 1 },
    scale:
      'Brightness that one pixel in a hundred exceeds, 0 black … 1 white. A dark ground alone is no issue.',
    about: 'image',
    rules: ofImages,
  },
  bright: {
    title: 'Over-exposed images',
    noun: { one: 'over-exposed image', many: 'over-exposed images' },
    meaning: 'Almost no pixel is darker than near-white: over-exposed, or washed out.',
    measure: { title: 'shadows', unit: '' },
    threshold: { value: 0.75, from: 'above', least: 0, most: 1 },
    scale: 'Brightness that one pixel in a hundred is below. A white ground alone is no issue.',
    about: 'image',
    rules: ofImages,
  },
  blurred: {
    title: 'Blurred images',
    noun: { one: 'blurred image', many: 'blurred images' },
    meaning: 'Far less sharp than the others of the set.',
    measure: { title: 'sharpness', unit: 'deviations' },
    threshold: { value: -3.5, from: 'below', least: -20, most: 0 },
    scale:
      'Robust deviations from the set’s median, of the logarithm of the variance of the Laplacian over that of the brightness.',
    about: 'image',
    rules: ofImages,
  },
  tiny: {
    title: 'Tiny images',
    noun: { one: 'tiny image', many: 'tiny images' },
    meaning: 'Far fewer pixels than the others of the set.',
    measure: { title: 'size', unit: '× the median' },
    threshold: { value: 0.25, from: 'below', least: 0, most: 1 },
    scale: 'Root of the pixel count over the set’s median.',
    about: 'image',
    rules: ofImages,
  },
  'odd-aspect': {
    title: 'Odd shapes',
    noun: { one: 'image of odd shape', many: 'images of odd shape' },
    meaning: 'Far longer or narrower than the others of the set.',
    measure: { title: 'stretch', unit: '× the median' },
    threshold: { value: 2.5, from: 'above', least: 1, most: 100 },
    scale: 'Width over height against the set’s median, the larger over the smaller.',
    about: 'image',
    rules: ofImages,
  },
  outlier: {
    title: 'Outliers',
    noun: { one: 'outlier', many: 'outliers' },
    meaning: 'Looks like no other image of the set, or of its class.',
    measure: { title: 'strangeness', unit: '' },
    threshold: { value: 0.95, from: 'above', least: 0, most: 1 },
    scale: 'From the distance to the nearest neighbours in the embedding: 0 amid them, 1 far from all.',
    about: 'image',
    rules: ofImages,
  },
};

/** '3 blurred images'. */
export function countIssues(kind: IssueKind, count: number): string {
  const { one, many } = issueKindWords[kind].noun;
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** In which unit and precision a kind's value is told: '0.12', '−4.1 deviations', '3.2 × the median'. */
export function formatMeasure(kind: IssueKind, value: number): string {
  const unit = issueKindWords[kind].measure?.unit ?? '';
  const digits = kind === 'near-duplicate' || kind === 'leakage' ? 3 : 2;
  return `${value.toFixed(digits).replace('-', '−')}${unit === '' ? '' : ` ${unit}`}`;
}
