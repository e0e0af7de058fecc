/** @file The attribution matrix of a query on disk: what each part of the training images adds to each image asked about. */
import { z } from 'zod';
import { AppError } from '../../core/base/app-error.ts';
import { makeMatrix, toFloat32, type Matrix } from '../../core/linalg/matrix.ts';
import { SampleId } from '../../contract/vocabulary.ts';
import { readVectorFile, writeVectorFile } from '../artifacts/vector-file.ts';

const Header = z.object({ columns: z.number().int(), sampleIds: z.array(SampleId) });

export interface AttributionMatrix {
  /** [queries, parts] */
  readonly matrix: Matrix;
  /** The images asked about, in the order of the rows. */
  readonly sampleIds: readonly SampleId[];
}

export function writeAttributionMatrix(path: string, { matrix, sampleIds }: AttributionMatrix): void {
  writeVectorFile(path, { columns: matrix.columns, sampleIds: [...sampleIds] }, [toFloat32(matrix).data]);
}

export function readAttributionMatrix(path: string): AttributionMatrix {
  const found = readVectorFile(path, Header, 'keep');
  if (found === null)
    throw new AppError('artifact-damaged', { path, reason: 'it is missing or not what was written' });
  const { columns, sampleIds } = found.header;
  return { matrix: makeMatrix(sampleIds.length, columns, found.vectors[0]!), sampleIds };
}
