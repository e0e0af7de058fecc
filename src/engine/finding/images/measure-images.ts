/** @file Measures the pixels of images and keeps what came out; a search that was stopped goes on with those that are left. */
import { availableParallelism } from 'node:os';
import { AppError } from '../../../core/base/app-error.ts';
import type { SampleId } from '../../../contract/vocabulary.ts';
import { ImageError } from '../../images/decode.ts';
import { mapConcurrently } from '../../images/map-concurrently.ts';
import { measureSample } from '../../images/measure-sample.ts';
import { createSampleReader } from '../../images/sample-files.ts';
import type { RunContext } from '../../runs/run-context.ts';
import { listUnmeasured, saveMeasures, type MeasuredPixels } from '../../storage/image-measures.ts';
import { locateSamples } from '../../storage/imports.ts';
import type { ProjectFolder } from '../../storage/project-folder.ts';

/** Images measured between two writes: what a crash can cost. */
const BATCH = 256;

/** A file that could not be measured, and why. */
export interface UnreadableImage {
  readonly id: SampleId;
  readonly reason: string;
}

/** Measures what is not measured yet. Where not one of the images can be read, that is the error. */
export async function measureImages(
  folder: ProjectFolder,
  { signal, progress }: Pick<RunContext, 'signal' | 'progress'>,
): Promise<{ measured: number; unreadable: UnreadableImage[] }> {
  const waiting = listUnmeasured(folder.connection);
  const unreadable: UnreadableImage[] = [];
  const read = createSampleReader();
  for (let from = 0; from < waiting.length; from += BATCH) {
    const batch = waiting.slice(from, from + BATCH);
    const locations = locateSamples(
      folder.connection,
      batch.map(({ id }) => id),
    );
    const outcomes = await mapConcurrently(
      locations,
      availableParallelism() + 1,
      async (location) => attempt(location.id, async () => measureSample(await read(location))),
      signal,
    );
    const failures = outcomes.flatMap((outcome) => ('cause' in outcome ? [outcome] : []));
    if (failures.length === waiting.length) throw failures[0]!.cause;
    unreadable.push(...failures.map(({ id, cause }) => ({ id, reason: cause.message })));
    saveMeasures(
      folder.connection,
      outcomes.flatMap((outcome, index) =>
        'cause' in outcome ? [] : [{ ...outcome.measured, ...batch[index]! }],
      ),
    );
    progress('Measuring images', (0.9 * (from + batch.length)) / waiting.length, {
      images: from + batch.length,
    });
  }
  return { measured: waiting.length - unreadable.length, unreadable };
}

type Outcome = { readonly measured: MeasuredPixels } | { readonly id: SampleId; readonly cause: AppError };

/** A file that is gone or damaged is a finding, not the end of the search. */
async function attempt(id: SampleId, measure: () => Promise<MeasuredPixels>): Promise<Outcome> {
  try {
    return { measured: await measure() };
  } catch (cause) {
    if (cause instanceof ImageError)
      return {
        id,
        cause: new AppError('sample-file-damaged', { sampleId: id, reason: cause.message }, { cause }),
      };
    if (cause instanceof AppError && cause.code === 'sample-file-missing') return { id, cause };
    throw cause;
  }
}
