/** @file Where the points of a map lie, and whose they are, in one file of the project. */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../core/base/app-error.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { readVectorFile, writeVectorFile } from '../artifacts/vector-file.ts';

const Header = z.object({ sampleIds: z.array(z.number().int()) });

export interface MapPoints {
  readonly sampleIds: Int32Array<ArrayBuffer>;
  /** x, y of each. */
  readonly positions: Float32Array<ArrayBuffer>;
}

/** Answers where the file lies, relative to the project. */
export function writeMapFile(projectPath: string, runId: RunId, points: MapPoints): string {
  const artifact = `maps/${runId}.f32`;
  const path = join(projectPath, artifact);
  mkdirSync(dirname(path), { recursive: true });
  writeVectorFile(path, { sampleIds: Array.from(points.sampleIds) }, [points.positions]);
  return artifact;
}

export function readMapFile(projectPath: string, artifact: string): MapPoints {
  const path = join(projectPath, artifact);
  const found = readVectorFile(path, Header, 'keep');
  const positions = found?.vectors[0];
  if (found === null || positions?.length !== 2 * found.header.sampleIds.length)
    throw new AppError('artifact-damaged', {
      path,
      reason: 'it is not the map that was written. Remove the map and make it again',
    });
  return { sampleIds: Int32Array.from(found.header.sampleIds), positions: Float32Array.from(positions) };
}

export function removeMapFile(projectPath: string, artifact: string): void {
  rmSync(join(projectPath, artifact), { force: true });
}
