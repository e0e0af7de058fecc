/** @file A sample's own bytes: its file, or its part of a file of many. Says so when they are gone. */
import { join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { StoredImage } from '../sources/image-array.ts';
import { openImageStore, type ImageStore } from '../sources/image-store.ts';
import type { SampleLocation } from '../storage/imports.ts';

/** Reads one sample. For many, make one reader and keep it: it looks up each source once. */
export async function readStoredImage(location: SampleLocation): Promise<StoredImage> {
  return createSampleReader()(location);
}

/** Where a sample is, as far as reading it needs to know. */
type Place = Pick<SampleLocation, 'id' | 'sourceKind' | 'sourceRoot' | 'path'>;

export function createSampleReader(): (place: Place) => Promise<StoredImage> {
  const stores = new Map<string, Promise<ImageStore>>();
  return async ({ id, sourceKind, sourceRoot, path }) => {
    try {
      const store = stores.get(sourceRoot) ?? openImageStore(sourceKind, sourceRoot);
      stores.set(sourceRoot, store);
      return await (await store).read(path);
    } catch (cause) {
      const place = join(sourceRoot, path);
      throw new AppError('sample-file-missing', { sampleId: id, path: place }, { cause: cause as Error });
    }
  };
}
