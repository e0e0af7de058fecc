/** @file Where a query and a training image differ once one lies over the other, as a picture. */
import { AppError } from '../../core/base/app-error.ts';
import { fromPlacement, mirror, warpImage, type SquareImage } from '../../core/curation/images/warp.ts';
import type { Placement } from '../../contract/cases-service.ts';
import type { QueryId, SampleId } from '../../contract/vocabulary.ts';
import { readQueryImage } from '../generating/query-files.ts';
import { ImageError } from '../images/decode.ts';
import { encodePixels } from '../images/encode-pixels.ts';
import { createSquareReader, readSquare } from '../images/square-image.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';

const SIDE = 256;
/** What lies under no training image. */
const UNCOVERED = 128;

/** Black where both are the same, brighter the more a colour differs, grey where the training image does not reach. As a square, whatever the images' aspect. */
export async function drawDifference(
  folder: ProjectFolder,
  pair: {
    readonly queryId: QueryId;
    readonly sampleId: SampleId;
    /** null: one over the other as they are. */
    readonly placement: Placement | null;
  },
): Promise<{ bytes: Uint8Array<ArrayBuffer>; type: string }> {
  const query = await readQuerySquare(folder, pair.queryId, SIDE);
  const sample = await createSquareReader(folder, SIDE)(pair.sampleId);
  const warp =
    pair.placement === null
      ? { mirrored: false, x: { offset: 0, scale: 1 }, y: { offset: 0, scale: 1 } }
      : fromPlacement(pair.placement);
  const laid = warpImage(warp.mirrored ? mirror(sample) : sample, warp, SIDE);
  const pixels = Uint8Array.from(query.data, (value, at) => {
    const other = laid.data[at]!;
    return Number.isNaN(other) ? UNCOVERED : Math.round(Math.abs(value - other));
  });
  const png = await encodePixels(pixels, { channels: query.channels, size: SIDE });
  return { bytes: Uint8Array.from(png), type: 'image/png' };
}

/** Throws `query-file-damaged`. */
export async function readQuerySquare(
  folder: ProjectFolder,
  queryId: QueryId,
  side: number,
): Promise<SquareImage> {
  try {
    return await readSquare({ kind: 'file', bytes: readQueryImage(folder, queryId).bytes }, side);
  } catch (cause) {
    if (!(cause instanceof ImageError)) throw cause;
    throw new AppError('query-file-damaged', { queryId, reason: cause.message }, { cause });
  }
}
