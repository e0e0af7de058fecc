/** @file A sample's own bytes: its file, or its part of an IDX file. Says so when they are gone. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { SampleLocation } from '../storage/imports.ts';
import { idxImagesPath } from '../formats/idx-source.ts';
import type { IdxArray } from '../formats/idx.ts';
import { holdIdxImages } from './idx-cache.ts';

export type SampleBytes =
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  /** One byte a pixel, rows top down. */
  | { readonly kind: 'grey'; readonly pixels: Uint8Array; readonly width: number; readonly height: number };

/** Reads one sample. For many, make one reader and keep it: it looks up each IDX file once. */
export async function readSampleBytes(location: SampleLocation): Promise<SampleBytes> {
  return createSampleReader()(location);
}

export function createSampleReader(): (location: SampleLocation) => Promise<SampleBytes> {
  const arrays = new Map<string, Promise<IdxArray>>();
  return async (location) => {
    const path = join(location.sourcePath, location.path);
    try {
      if (location.sourceKind !== 'idx') return { kind: 'file', bytes: await readFile(path) };
      return await readIdxSample(location, arrays);
    } catch (cause) {
      throw new AppError('sample-file-missing', { sampleId: location.id, path }, { cause: cause as Error });
    }
  };
}

async function readIdxSample(
  { sourcePath, path }: SampleLocation,
  arrays: Map<string, Promise<IdxArray>>,
): Promise<SampleBytes> {
  const slash = path.lastIndexOf('/');
  const name = path.slice(0, slash);
  const index = Number(path.slice(slash + 1));
  const key = `${sourcePath}\0${name}`;
  const opening = arrays.get(key) ?? openArray(sourcePath, name);
  arrays.set(key, opening);
  const { dimensions, data } = await opening;
  const [count = 0, height = 0, width = 0] = dimensions;
  if (index >= count) throw new Error(`${name} holds ${count} images now`);
  const size = height * width;
  return { kind: 'grey', pixels: data.subarray(index * size, (index + 1) * size), width, height };
}

async function openArray(sourcePath: string, name: string): Promise<IdxArray> {
  const path = await idxImagesPath(sourcePath, name);
  if (path === null) throw new Error(`there are no images called ${name}`);
  return holdIdxImages(path);
}
