import { describe, expect, it } from 'vitest';
import {
  AttributionMethod,
  EnsembleKind,
  Normalisation,
  ProjectionKind,
} from '../contract/attribution-choices.ts';
import { DiffusionMethod, GroupMethod } from '../contract/generation-configs.ts';
import { createProgram } from './program.ts';

async function answer(...args: string[]): Promise<string> {
  let text = '';
  const out = { write: (part: string) => (text += part) };
  await createProgram({ out, err: out }, '0').parseAsync(['node', 'whence', ...args]);
  return text;
}

describe('whence methods', () => {
  it('lists every name that attribute accepts', async () => {
    const text = await answer('methods');
    const choices = [
      ...[AttributionMethod, DiffusionMethod, GroupMethod],
      ...[EnsembleKind, Normalisation, ProjectionKind],
    ];
    const names = choices.flatMap((choice): string[] => [...choice.options]);
    for (const name of names) expect(text).toContain(`\n  ${name} – `);
  });

  it('answers the same as one document', async () => {
    const document = JSON.parse(await answer('methods', '--json')) as Record<string, object>;
    expect(Object.keys(document['methods']!)).toEqual(AttributionMethod.options);
    expect(Object.keys(document['generativeMethods']!)).toEqual(DiffusionMethod.options);
    expect(Object.keys(document['groupMethods']!)).toEqual(GroupMethod.options);
    expect(document['ensembles']).toHaveProperty('lora.meaning');
  });
});
