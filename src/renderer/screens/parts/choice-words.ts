/** @file How each choice of an attribution is named and explained in a form. */
import type { AttributionChoices } from '../../../contract/attribution-choices.ts';
import {
  ensembleWords,
  methodWords,
  normalisationWords,
  projectionWords,
  type MethodWords,
} from '../../../contract/method-words.ts';

export interface FieldWords {
  /** Made from its name in code where absent. */
  readonly title?: string;
  readonly words?: Readonly<Record<string, string>>;
  /** The description of the schema where absent. */
  readonly help?: string;
}

/** How one choice is named and explained, given the others. */
export function fieldWords(name: keyof AttributionChoices, choices: AttributionChoices): FieldWords {
  switch (name) {
    case 'method':
      return { words: titlesOf(methodWords), help: sentenceOfMethod(methodWords[choices.method]) };
    case 'ensemble':
      return { words: titlesOf(ensembleWords), help: ensembleWords[choices.ensemble].meaning };
    case 'normalisation':
      return { words: titlesOf(normalisationWords), help: normalisationWords[choices.normalisation].meaning };
    case 'projection':
      return { words: titlesOf(projectionWords), help: projectionWords[choices.projection].meaning };
    case 'models':
      return { title: 'Trained models' };
    case 'variants':
      return { title: variantTitles[choices.ensemble] };
    case 'relativeDamping':
      return { title: 'Damping' };
    case 'maskMode':
      return {
        title: 'Dropout masks',
        words: { fixed: 'One for all images', 'per-sample': 'Another for each image' },
      };
    case 'projectionSeeds':
      return { words: { 'per-member': 'One for each member', shared: 'One for all members' } };
    default:
      return {};
  }
}

export const variantTitles = {
  independent: 'Variants',
  checkpoints: 'Checkpoints of each model',
  dropout: 'Dropout masks of each model',
  'dropout-forward': 'Dropout masks of each model',
  lora: 'Adapters of each model',
} as const satisfies Record<AttributionChoices['ensemble'], string>;

/** What a method assumes and what it needs. */
export function sentenceOfMethod({ assumption, cost }: MethodWords): string {
  return `${assumption} Needs: ${startLow(cost)}`;
}

export function titlesOf(
  words: Readonly<Record<string, { readonly title: string }>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(words).map(([name, { title }]) => [name, title]));
}

function startLow(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
