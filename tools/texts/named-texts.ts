/** @file Texts of the window that stand nowhere as such: titles of settings, made of their names in the schemas, and what the engine says. */
import { z } from 'zod';
import * as attribution from '../../src/contract/attribution-choices.ts';
import * as datamodels from '../../src/contract/datamodel-configs.ts';
import * as denoisers from '../../src/contract/denoiser-choices.ts';
import * as embeddings from '../../src/contract/embedding-choices.ts';
import * as evaluations from '../../src/contract/evaluation-configs.ts';
import * as generation from '../../src/contract/generation-configs.ts';
import * as generationEvaluations from '../../src/contract/generation-evaluation-configs.ts';
import * as models from '../../src/contract/model-choices.ts';
import * as runs from '../../src/contract/runs-service.ts';
import * as selection from '../../src/contract/selection-config.ts';
import { errorCatalogue } from '../../src/core/base/error-catalogue.ts';
import { fieldTitle } from '../../src/renderer/format/field-title.ts';
import { saidSentences } from '../../src/texts/said.ts';

const modules = {
  'attribution-choices': attribution,
  'datamodel-configs': datamodels,
  'denoiser-choices': denoisers,
  'embedding-choices': embeddings,
  'evaluation-configs': evaluations,
  'generation-configs': generation,
  'generation-evaluation-configs': generationEvaluations,
  'model-choices': models,
  'runs-service': runs,
  'selection-config': selection,
} as const;

export interface NamedText {
  readonly text: string;
  readonly file: string;
  readonly isSaid: boolean;
}

export function namedTexts(): NamedText[] {
  return [
    ...Object.entries(modules).flatMap(([name, module]) =>
      titlesOf(module).map((text) => ({ text, file: `src/contract/${name}.ts`, isSaid: false })),
    ),
    ...Object.values(errorCatalogue).map((text) => ({
      text,
      file: 'src/core/base/error-catalogue.ts',
      isSaid: true,
    })),
    ...saidSentences.map((text) => ({ text, file: 'src/texts/said.ts', isSaid: true })),
  ];
}

/** Titles of all fields of the schemas that a module exports. */
function titlesOf(module: object): string[] {
  const schemas = Object.entries(module)
    .filter(([name]) => /(Config|Choices)$/.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => value as unknown)
    .filter((value): value is z.ZodObject => value instanceof z.ZodObject);
  return schemas.flatMap((schema) => Object.keys(schema.shape).map(fieldTitle));
}
