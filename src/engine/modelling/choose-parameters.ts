/** @file Which of a model's parameters are trained and attributed to. */
import { AppError } from '../../core/base/app-error.ts';
import type { ModelChoices } from '../../contract/model-choices.ts';
import type { ModelLayer } from './model-layers.ts';

type ParameterChoices = Pick<ModelChoices, 'parameters' | 'lastLayers' | 'pattern'>;

/** Their names, in the order of computation. `layers` are those that the chosen output depends on. */
export function chooseParameters(layers: readonly ModelLayer[], choices: ParameterChoices): string[] {
  const chosen = select(layers, choices);
  if (chosen.length > 0) return chosen;
  const names = layers.map((layer) => layer.name);
  const reason =
    choices.parameters === 'pattern'
      ? `No parameter is called ${choices.pattern || 'that'}. Its layers are ${abridge(names)}`
      : 'The model has no parameters that can be trained';
  throw new AppError('model-choice-invalid', { reason });
}

function select(layers: readonly ModelLayer[], choices: ParameterChoices): string[] {
  if (choices.parameters === 'last')
    return layers.slice(-choices.lastLayers).flatMap((layer) => layer.parameters);
  const all = layers.flatMap((layer) => layer.parameters);
  if (choices.parameters !== 'pattern') return all;
  const patterns = choices.pattern.split(',').map(toExpression);
  return all.filter((name) => patterns.some((pattern) => pattern.test(name)));
}

/** 'layer4.*' matches names that begin so. */
function toExpression(pattern: string): RegExp {
  const escaped = pattern.trim().replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*')}$`);
}

function abridge(names: readonly string[]): string {
  return names.length <= 12
    ? names.join(', ')
    : `${names.slice(0, 6).join(', ')} … ${names.slice(-6).join(', ')}`;
}
