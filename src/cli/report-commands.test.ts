import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { FindCopiesConfig } from '../contract/cases-service.ts';
import {
  AttributeGroupsConfig,
  AttributeQueriesConfig,
  SampleImagesConfig,
  TrainDenoiserConfig,
} from '../contract/generation-configs.ts';
import type { RunKind } from '../contract/runs-service.ts';
import { TrainConfig } from '../contract/runs-service.ts';
import { commandOf } from '../engine/reporting/run-command.ts';
import { createProgram } from './program.ts';

const silent = { write: (): boolean => true };

const configs: readonly (readonly [RunKind, z.ZodObject])[] = [
  ['train', TrainConfig],
  ['train-denoiser', TrainDenoiserConfig],
  ['sample-images', SampleImagesConfig],
  ['attribute-queries', AttributeQueriesConfig],
  ['attribute-groups', AttributeGroupsConfig],
  ['find-copies', FindCopiesConfig],
];

describe('the commands that a report prints', () => {
  it.each(configs)('of a run of the kind %s: exist, with every option', (kind, schema) => {
    const config = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, 1]));
    const words = commandOf({ kind, config }, { project: 'a.whence', caseId: 7 })!.split(' ').slice(1);
    let command: Command = createProgram({ out: silent, err: silent }, '0');
    for (const word of words) {
      if (word.startsWith('--') || word === '7') break;
      command = command.commands.find((inner) => inner.name() === word)!;
    }
    const known = new Set(command.options.map(({ long }) => long));
    for (const word of words)
      if (word.startsWith('--')) expect(known, `${command.name()} ${word}`).toContain(word);
  });
});
