/** @file A trained model on disk: its weights, its network, and which images it learned from under which labels. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../core/base/app-error.ts';
import { SampleId } from '../../contract/vocabulary.ts';
import { writeFileWhole } from '../artifacts/write-file-whole.ts';
import { NetworkDescription } from '../modelling/network-description.ts';
import type { StoredModel } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';

const PARAMETERS_FILE = 'parameters.f32';
const DESCRIPTION_FILE = 'model.json';

const Description = z.object({
  network: NetworkDescription,
  parametersSha256: z.string(),
  learned: z.array(z.object({ sampleId: SampleId, classIndex: z.number().int() })),
});

export interface ModelArtifact {
  readonly network: NetworkDescription;
  readonly parameters: Float32Array;
  readonly parametersSha256: string;
  /** The images the model was fitted to, by id, and their class indices at that time. */
  readonly learned: readonly { readonly sampleId: SampleId; readonly classIndex: number }[];
}

/** Writes the files into `path`, the description last: where it is, the model is whole. */
export function writeModelArtifact(path: string, artifact: Omit<ModelArtifact, 'parametersSha256'>): void {
  mkdirSync(path, { recursive: true });
  const { network, learned, parameters } = artifact;
  const bytes = new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength);
  writeFileWhole(join(path, PARAMETERS_FILE), [bytes]);
  const description: z.infer<typeof Description> = {
    network,
    parametersSha256: sha256(bytes),
    learned: [...learned],
  };
  writeFileWhole(join(path, DESCRIPTION_FILE), [Buffer.from(JSON.stringify(description))]);
}

/** The artifact of a model of the project. */
export function readModelOf(folder: ProjectFolder, model: Pick<StoredModel, 'artifact'>): ModelArtifact {
  return readModelArtifact(join(folder.path, model.artifact));
}

export function readModelArtifact(path: string): ModelArtifact {
  const file = join(path, PARAMETERS_FILE);
  let description: z.infer<typeof Description>;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    description = Description.parse(JSON.parse(readFileSync(join(path, DESCRIPTION_FILE), 'utf8')));
    bytes = Uint8Array.from(readFileSync(file));
  } catch (cause) {
    throw new AppError('artifact-damaged', { path, reason: (cause as Error).message }, { cause });
  }
  if (sha256(bytes) !== description.parametersSha256)
    throw new AppError('artifact-damaged', {
      path: file,
      reason: 'its checksum is not the one that was stored',
    });
  return {
    network: description.network,
    parameters: new Float32Array(bytes.buffer),
    parametersSha256: description.parametersSha256,
    learned: description.learned,
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
