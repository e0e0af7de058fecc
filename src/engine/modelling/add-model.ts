/** @file A model file taken into the project: copied, its choices settled, ready to be evaluated. */
import { basename, extname, resolve } from 'node:path';
import type { ModelChoices } from '../../contract/model-choices.ts';
import { EvaluateConfig } from '../../contract/runs-service.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { prepareBrought } from './evaluate-run.ts';
import { storeModelFile } from './store-model-file.ts';

/** Throws where the file or the choices cannot be used: better now than in a run. */
export function addModel(folder: ProjectFolder, path: string, choices: ModelChoices): EvaluateConfig {
  const file = resolve(path);
  const name = choices.name.trim() || basename(file, extname(file));
  const config = EvaluateConfig.parse({
    file: storeModelFile(folder.path, file),
    choices: { ...choices, name },
  });
  const { description } = prepareBrought(folder, config);
  return { ...config, choices: { ...config.choices, imageSize: description.imageSize } };
}
