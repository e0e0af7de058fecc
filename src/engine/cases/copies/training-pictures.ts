/** @file What is kept in memory of every training image while it is searched: a picture of 16 × 16 cells and two hashes of 64 bits. */
import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../../../core/base/app-error.ts';
import { resampleByArea } from '../../../core/curation/images/grey-image.ts';
import { SEARCH_GRID } from '../../../core/curation/images/crop-search.ts';
import { HASHED_SIZE, perceptualHashes } from '../../../core/curation/images/perceptual-hash.ts';
import type { SampleId } from '../../../contract/vocabulary.ts';
import type { RunContext } from '../../runs/run-context.ts';
import type { Connection } from '../../storage/connection.ts';
import { readSignatures, type MeasuredSample } from '../../storage/image-measures.ts';

const SIGNATURE = HASHED_SIZE ** 2;
const CELLS = SEARCH_GRID ** 2;
/** Images whose brightness is read at once. */
const PIECE = 4096;

export interface TrainingPictures {
  readonly samples: readonly MeasuredSample[];
  readonly placeOf: ReadonlyMap<SampleId, number>;
  /** Two words per image, of it and of its mirror image. */
  readonly upright: Uint32Array;
  readonly mirrored: Uint32Array;
  /** [16 × 16] of the image at a place. */
  picture(place: number): Uint8Array;
}

/** The event loop turns between pieces, so that a person can cancel. */
export async function readTrainingPictures(
  connection: Connection,
  samples: readonly MeasuredSample[],
  { signal, progress }: Pick<RunContext, 'signal' | 'progress'>,
): Promise<TrainingPictures> {
  const pictures = new Uint8Array(samples.length * CELLS);
  const upright = new Uint32Array(2 * samples.length);
  const mirrored = new Uint32Array(2 * samples.length);
  for (let from = 0; from < samples.length; from += PIECE) {
    await setImmediate();
    throwIfCancelled(signal);
    const ids = samples.slice(from, from + PIECE).map(({ id }) => id);
    const signatures = readSignatures(connection, ids, SIGNATURE);
    for (let place = from; place < from + ids.length; place++) {
      const signature = signatures.subarray((place - from) * SIGNATURE, (place - from + 1) * SIGNATURE);
      const hashes = perceptualHashes(signature);
      upright.set(hashes.upright, 2 * place);
      mirrored.set(hashes.mirrored, 2 * place);
      pictures.set(onGrid(signature), place * CELLS);
    }
    const images = from + ids.length;
    progress('Reading images', images / samples.length, { images });
  }
  return {
    ...{ samples, upright, mirrored },
    placeOf: new Map(samples.map(({ id }, place) => [id, place])),
    picture: (place) => pictures.subarray(place * CELLS, (place + 1) * CELLS),
  };
}

/** Brightness over 32 × 32 on the grid of the search. */
export function onGrid(signature: Uint8Array): Uint8Array {
  const image = { width: HASHED_SIZE, height: HASHED_SIZE, data: signature };
  return Uint8Array.from(resampleByArea(image, SEARCH_GRID, SEARCH_GRID), Math.round);
}
