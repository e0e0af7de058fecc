/** @file Groups and their scores in words, no stronger than the method that found them. */
import type { CaseControl } from '../../../contract/cases-service.ts';
import type {
  AttributeGroupsConfig,
  GroupMethod,
  UnlearningTarget,
} from '../../../contract/generation-configs.ts';
import { groupMethodWords } from '../../../contract/generation-words.ts';
import type {
  GroupAttributionEntry,
  GroupScore,
  QueryGroupScores,
} from '../../../contract/groups-service.ts';
import { formatPercent, formatQuantity } from '../../format/numbers.ts';
import type { GroupBar } from '../../state/group-bars.ts';
import { sentenceOfMethod, titlesOf, type FieldWords } from '../parts/choice-words.ts';

export const controlWords = {
  'known-training-image': 'A known training image',
  'random-groups': 'Random groups',
  'unrelated-query': 'An unrelated image',
  'held-out-image': 'An image it did not learn',
  'under-unlearning': 'Enough was unlearned',
  'over-unlearning': 'Not too much was unlearned',
} as const satisfies Record<CaseControl['name'], string>;

/** What one unit of a score is. */
export function scoreMeaning(method: GroupMethod): string {
  switch (method) {
    case 'logo':
      return 'Nats of evidence that the image loses when the model is trained again without the group.';
    case 'guda':
    case 'ascent':
      return 'Nats of evidence that the image loses when the group is unlearned.';
    case 'embedding-mean':
    case 'pixel-mean':
      return 'Mean similarity of the image to those of the group.';
    default:
      return 'Sum of what the images of the group score one by one.';
  }
}

/** 'GUDA (unlearning), 8 random groups'. */
export function attributionTitle({ choices }: Pick<GroupAttributionEntry, 'choices'>): string {
  const { method, target, controls, repeats } = choices;
  return [
    groupMethodWords[method].title,
    ...(method === 'guda' && target === 'anchor' ? ['towards another class'] : []),
    ...(controls > 0 ? [formatQuantity(controls, 'random group')] : ['no random groups']),
    ...(repeats > 1 ? [`${repeats} repeats`] : []),
  ].join(', ');
}

/** What the scores of one query image let one say: which groups stand out, or why none can be named. */
export function verdictText(verdict: QueryGroupScores['verdict'], bars: readonly GroupBar[]): string {
  if (verdict === null) return 'Without random groups to hold it against, no score can be said to stand out.';
  if (verdict === 'diffuse') return 'Diffuse: no group stands out from random groups of its size.';
  if (verdict === 'undecided') return 'Undecided: with so few random groups, no group could stand out.';
  const names = bars.filter(({ score }) => score.standsOut).map(({ name }) => name);
  const named = names.slice(0, 3).join(', ');
  const others = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return `Stands out from random groups of its size: ${named}${others}.`;
}

/** 'Above 98% of random groups of its size, p = 0.012'. */
export function chanceText({ percentile, pValue }: GroupScore): string {
  return [
    ...(percentile === null ? [] : [`above ${formatPercent(percentile)} of random groups of its size`]),
    ...(pValue === null ? [] : [`p = ${formatProbability(pValue)}`]),
  ].join(', ');
}

/** 0.0312 → '0.031'; 0.0004 → '<0.001'. */
export function formatProbability(probability: number): string {
  return probability < 0.001 ? '<0.001' : String(Number(probability.toPrecision(2)));
}

type ChoiceName = keyof AttributeGroupsConfig;

/** How the choices are named and explained in a form; those that are absent are named after themselves. */
export function groupFieldWords(
  name: ChoiceName,
  config: Pick<AttributeGroupsConfig, 'method' | 'target'>,
): FieldWords {
  switch (name) {
    case 'method':
      return { words: titlesOf(groupMethodWords), help: sentenceOfMethod(groupMethodWords[config.method]) };
    case 'controls':
      return { title: 'Random groups' };
    case 'timestepCount':
      return { title: 'Steps of time' };
    case 'retainLoss':
      return { words: { distillation: 'Stay with the model', standard: 'Go on learning' } };
    case 'target':
      return {
        title: 'Drawn to',
        words: titlesOf(targetWords),
        help: targetWords[config.target].meaning,
      };
    case 'anchors':
      return {
        title: 'Other classes',
        words: { weighted: 'Rather those that are alike', uniform: 'All equally often' },
      };
    case 'anchorSharpness':
      return { title: 'Weight of likeness' };
    case 'anchorUniformShare':
      return { title: 'Share drawn equally' };
    default:
      return {};
  }
}

const targetWords = {
  auto: {
    title: 'What fits the model',
    meaning: 'Another class where the model is told classes (GUDA-C), else the nearest images (GUDA-U).',
  },
  softmax: {
    title: 'Nearest images that stay',
    meaning: 'What the best denoiser of the nearest images that stay would say (GUDA-U).',
  },
  anchor: {
    title: 'Another class',
    meaning: 'What the model says of the same image when it is told another class (GUDA-C).',
  },
  'zero-as-released': { title: 'Zero, as released', meaning: 'As in the released code, for comparison.' },
} as const satisfies Record<UnlearningTarget, { title: string; meaning: string }>;

const unlearning = ['steps', 'batchSize', 'learningRate', 'forgetWeight', 'retainLoss'] as const;

/** The names of the choices that change the result, beside model, groups and query images. `isTold`: whether the model is told classes. */
export function relevantGroupChoices(
  { method, target, anchors }: Pick<AttributeGroupsConfig, 'method' | 'target' | 'anchors'>,
  isTold: boolean,
): ReadonlySet<ChoiceName> {
  const common = ['method', 'controls', 'seed'] as const;
  if (method === 'logo') return new Set<ChoiceName>([...common, 'timestepCount', 'repeats']);
  if (method === 'ascent') return new Set<ChoiceName>([...common, 'timestepCount', 'repeats', ...unlearning]);
  if (method !== 'guda') return new Set<ChoiceName>(common);
  const settled = target === 'auto' ? (isTold ? 'anchor' : 'softmax') : target;
  return new Set<ChoiceName>([
    ...([...common, 'timestepCount', 'repeats', ...unlearning, 'target'] as const),
    ...(settled === 'softmax' ? (['neighbours'] as const) : []),
    ...(settled === 'anchor' ? (['anchors'] as const) : []),
    ...(settled === 'anchor' && anchors === 'weighted'
      ? (['anchorSharpness', 'anchorUniformShare'] as const)
      : []),
  ]);
}

/** Trainings that a removal takes: without the group from each seed, and once without each random group. */
export function trainingCount({
  repeats,
  controls,
}: Pick<AttributeGroupsConfig, 'repeats' | 'controls'>): number {
  return repeats + controls;
}
