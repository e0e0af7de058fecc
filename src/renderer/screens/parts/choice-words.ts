/** @file Words of the choices of an attribution, where the contract's own are not enough. */
import type { AttributionChoices } from '../../../contract/attribution-choices.ts';

interface FieldWords {
  readonly title?: string;
  readonly words?: Readonly<Record<string, string>>;
  readonly help?: string;
}

/** How one choice is named and explained, given the others. */
export function fieldWords(name: keyof AttributionChoices, choices: AttributionChoices): FieldWords {
  switch (name) {
    case 'models':
      return { title: choices.ensemble === 'independent' ? 'Models' : 'Trained models' };
    case 'variants':
      return { title: variantTitles[choices.ensemble] };
    case 'relativeDamping':
      return { title: 'Damping' };
    case 'maskMode':
      return {
        title: 'Dropout masks',
        words: { fixed: 'one for all images', 'per-sample': 'another for each image' },
      };
    case 'projectionSeeds':
      return { words: { 'per-member': 'one for each member', shared: 'one for all members' } };
    default:
      return {};
  }
}

const variantTitles = {
  independent: 'Variants',
  checkpoints: 'Checkpoints of each model',
  dropout: 'Dropout masks of each model',
  'dropout-forward': 'Dropout masks of each model',
  lora: 'Adapters of each model',
} as const satisfies Record<AttributionChoices['ensemble'], string>;

/** 'trak, 10 models', 'trak, 2 models × 5 adapters': how an attribution is told from others. */
export function attributionTitle(choices: AttributionChoices): string {
  const { method, ensemble, models, variants } = choices;
  const trained = models === 1 ? '' : `${models} models`;
  if (ensemble === 'independent') return trained === '' ? method : `${method}, ${trained}`;
  const members = `${variants} ${memberWords[ensemble]}`;
  return `${method}, ${trained === '' ? members : `${trained} × ${members}`}`;
}

const memberWords = {
  checkpoints: 'checkpoints',
  dropout: 'dropout masks',
  'dropout-forward': 'dropout masks (forward only)',
  lora: 'adapters',
} as const satisfies Record<Exclude<AttributionChoices['ensemble'], 'independent'>, string>;
