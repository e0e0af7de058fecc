/** @file The open project's pictures: for the window's calls, the shell's asset protocol and the server's addresses. */
import type { ThumbnailSize } from '../../contract/samples-service.ts';
import type { QueryId, SampleId } from '../../contract/vocabulary.ts';
import { readQueryImage } from '../generating/query-files.ts';
import { readOriginal } from '../images/original.ts';
import { readStoredThumbnails, readThumbnail, type EncodedPicture } from '../images/thumbnails.ts';
import type { EngineContext } from './engine-context.ts';

/** An encoded picture in memory of its own, so that it can be handed to another process without a copy. */
interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

export interface Assets {
  thumbnail(id: SampleId, size: ThumbnailSize): Promise<Asset>;
  /** Of many at once; null where it is not stored. */
  storedThumbnails(ids: readonly SampleId[], size: ThumbnailSize): (Asset | null)[];
  image(id: SampleId): Promise<Asset>;
  /** An image that is asked about. */
  query(id: QueryId): Promise<Asset>;
}

export function makeAssets(context: EngineContext): Assets {
  return {
    thumbnail: async (id, size) => toAsset(await readThumbnail(context.project.folder, id, size)),
    storedThumbnails: (ids, size) =>
      readStoredThumbnails(context.project.folder, ids, size).map((picture) =>
        picture === null ? null : toAsset(picture),
      ),
    image: async (id) => toAsset(await readOriginal(context.project.folder, id)),
    query: (id) => Promise.resolve(readQueryImage(context.project.folder, id)),
  };
}

function toAsset({ bytes, type }: EncodedPicture): Asset {
  return { bytes: Uint8Array.from(bytes), type };
}
