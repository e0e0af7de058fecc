/** @file The pictures of a report: all query images, the training images that are shown, and where the two differ. What is redacted is blurred wherever it stands. */
import { AppError, throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { CaseFile, Placement } from '../../contract/cases-service.ts';
import type { QueryId, SampleId } from '../../contract/vocabulary.ts';
import { drawDifference } from '../cases/difference-map.ts';
import { readQueryImage } from '../generating/query-files.ts';
import { ImageError } from '../images/decode.ts';
import { encodeReportPicture } from '../images/report-picture.ts';
import { readStoredImage } from '../images/sample-files.ts';
import type { StoredImage } from '../sources/image-array.ts';
import { locateSamples } from '../storage/imports.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { pairKey, type ReportPicture, type ReportPictures } from './report-materials.ts';

interface Pair {
  readonly queryId: QueryId;
  readonly sampleId: SampleId;
}

export async function drawPictures(
  folder: ProjectFolder,
  caseFile: CaseFile,
  signal?: CancelSignal,
): Promise<ReportPictures> {
  const blurred = redactedImages(caseFile);
  const pairs = shownPairs(caseFile);
  const queries = new Map<number, ReportPicture>();
  const samples = new Map<number, ReportPicture>();
  const differences = new Map<string, ReportPicture>();
  const keep = async <Key>(
    into: Map<Key, ReportPicture>,
    key: Key,
    isBlurred: boolean,
    read: () => Promise<StoredImage>,
  ) => {
    throwIfCancelled(signal);
    const drawn = await drawOne(isBlurred, read);
    if (drawn !== null) into.set(key, drawn);
  };
  for (const id of caseFile.queryIds)
    await keep(queries, id, blurred.queries.has(id), () =>
      Promise.resolve({ kind: 'file', bytes: readQueryImage(folder, id).bytes }),
    );
  for (const { queryId, sampleId } of pairs) {
    const isBlurred = blurred.samples.has(sampleId);
    if (!samples.has(sampleId))
      await keep(samples, sampleId, isBlurred, () =>
        readStoredImage(locateSamples(folder.connection, [sampleId])[0]!),
      );
    const placement = placementOf(caseFile, queryId, sampleId);
    await keep(
      differences,
      pairKey(queryId, sampleId),
      isBlurred || blurred.queries.has(queryId),
      async () => ({
        kind: 'file',
        bytes: (await drawDifference(folder, { queryId, sampleId, placement })).bytes,
      }),
    );
  }
  return { queries, samples, differences };
}

/** null: the file is gone or broken, which the report says elsewhere. */
async function drawOne(isBlurred: boolean, read: () => Promise<StoredImage>): Promise<ReportPicture | null> {
  try {
    return { ...(await encodeReportPicture(await read(), isBlurred)), isBlurred };
  } catch (cause) {
    if (cause instanceof ImageError || cause instanceof AppError) return null;
    throw cause;
  }
}

/** Of every exhibit that is redacted, both images: a near-copy shows what the other does. */
export function redactedImages({ exhibits }: Pick<CaseFile, 'exhibits'>): {
  readonly queries: ReadonlySet<number>;
  readonly samples: ReadonlySet<number>;
} {
  const redacted = exhibits.filter((exhibit) => exhibit.redacted);
  return {
    queries: new Set(redacted.map(({ queryId }) => queryId)),
    samples: new Set(redacted.flatMap(({ sampleId }) => (sampleId === null ? [] : [sampleId]))),
  };
}

/** Exhibits, and findings that are about pixels; each once. */
function shownPairs({ exhibits, findings }: CaseFile): Pair[] {
  const about = [...exhibits, ...findings.filter(({ step }) => step === 'manifest' || step === 'near-copy')];
  const pairs = about.flatMap(({ queryId, sampleId }) => (sampleId === null ? [] : [{ queryId, sampleId }]));
  return [...new Map(pairs.map((pair) => [pairKey(pair.queryId, pair.sampleId), pair])).values()];
}

function placementOf({ copies }: CaseFile, queryId: number, sampleId: number): Placement | null {
  const row = copies?.queries.find((query) => query.role === 'query' && query.queryId === queryId);
  return row?.matches.find((match) => match.sampleId === sampleId)?.placement ?? null;
}
