/** @file A synset on disk: its images and scales, the clusters that they stand for, and how much each real image is like its cluster. */
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../core/base/app-error.ts';
import { makeMatrix, toFloat32 } from '../../core/linalg/matrix.ts';
import { SampleId } from '../../contract/vocabulary.ts';
import { readVectorFile, writeVectorFile } from '../artifacts/vector-file.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import type { StartCorrection } from './perturbed-models.ts';
import type { Synset } from './synset.ts';

const Header = z.object({
  modelSha256: z.string(),
  imagesPerCluster: z.number().int(),
  classes: z.array(z.number().int()),
  sizes: z.array(z.number().int()),
  sampleIds: z.array(SampleId),
  assignment: z.array(z.number().int()),
  /** Real images in the middle of each cluster. */
  examples: z.array(z.array(SampleId)),
});

export interface SynsetArtifact {
  readonly synset: Synset;
  readonly correction: StartCorrection;
  /** Of the parameters that it was distilled for. */
  readonly modelSha256: string;
  readonly sampleIds: readonly SampleId[];
  /** Cluster of each of these images. */
  readonly assignment: Int32Array;
  readonly examples: readonly (readonly SampleId[])[];
  /** ⟨gradient of the image, mean gradient of its cluster⟩. */
  readonly likenesses: Float32Array;
}

export function writeSynsetArtifact(path: string, artifact: SynsetArtifact): void {
  const { synset, correction, modelSha256, sampleIds, assignment, examples, likenesses } = artifact;
  const header: z.infer<typeof Header> = {
    modelSha256,
    imagesPerCluster: synset.imagesPerCluster,
    classes: [...synset.classes],
    sizes: [...synset.sizes],
    sampleIds: [...sampleIds],
    assignment: [...assignment],
    examples: examples.map((ids) => [...ids]),
  };
  const { residuals, slope } = correction;
  writeVectorFile(path, header, [synset.images, synset.scales, likenesses, toFloat32(residuals).data, slope]);
}

/** `artifact`: the file, relative to the project. */
export function readSynsetArtifact(folder: Pick<ProjectFolder, 'path'>, artifact: string): SynsetArtifact {
  const path = join(folder.path, artifact);
  const found = readVectorFile(path, Header, 'keep');
  if (found === null)
    throw new AppError('artifact-damaged', { path, reason: 'it is missing or not what was written' });
  const { imagesPerCluster, classes, sizes, ...header } = found.header;
  const [images, scales, likenesses, residuals, slope] = found.vectors;
  return {
    synset: {
      imagesPerCluster,
      classes: Int32Array.from(classes),
      sizes: Int32Array.from(sizes),
      images: images!,
      scales: scales!,
    },
    correction: {
      residuals: makeMatrix(classes.length, residuals!.length / classes.length, residuals!),
      slope: slope!,
    },
    modelSha256: header.modelSha256,
    sampleIds: header.sampleIds,
    assignment: Int32Array.from(header.assignment),
    examples: header.examples,
    likenesses: likenesses!,
  };
}
