/** @file A trained denoiser on disk: its weights, their moving average, what it is made from, and which images it learned. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../core/base/app-error.ts';
import { SampleId } from '../../contract/vocabulary.ts';
import { readVectorFile, writeVectorFile } from '../artifacts/vector-file.ts';
import { DenoiserDescription } from './denoiser-description.ts';

const FILE = 'denoiser.f32';

const Header = z.object({
  description: DenoiserDescription,
  learned: z.array(z.object({ sampleId: SampleId, classIndex: z.number().int() })),
});

export interface DenoiserArtifact extends z.infer<typeof Header> {
  readonly parameters: Float32Array;
  readonly average: Float32Array;
}

export function writeDenoiserArtifact(path: string, artifact: DenoiserArtifact): void {
  const { description, learned, parameters, average } = artifact;
  mkdirSync(path, { recursive: true });
  writeVectorFile(join(path, FILE), { description, learned }, [parameters, average]);
}

export function readDenoiserArtifact(path: string): DenoiserArtifact {
  const file = join(path, FILE);
  const found = readVectorFile(file, Header, 'keep');
  if (found === null)
    throw new AppError('artifact-damaged', {
      path: file,
      reason: 'it is missing, or its bytes are not those that were written',
    });
  return { ...found.header, parameters: found.vectors[0]!, average: found.vectors[1]! };
}

export function hashParameters({ buffer, byteOffset, byteLength }: Float32Array): string {
  return createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');
}
