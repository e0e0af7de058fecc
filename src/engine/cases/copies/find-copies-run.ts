/** @file The run that looks for queries among the training images: the same, near-copies wherever they lie in each other, and what looks alike; beside images of which it is known. */
import { createHash } from 'node:crypto';
import { AppError } from '../../../core/base/app-error.ts';
import { ALIGNED_SIDE } from '../../../core/curation/images/align.ts';
import type { FindCopiesConfig, QueryCopies } from '../../../contract/cases-service.ts';
import type { ComputeTools } from '../../attributing/compute-tools.ts';
import { partOf } from '../../attributing/progress-part.ts';
import { requireQueries } from '../../attributing/queries/attribute-queries-run.ts';
import { measureImages } from '../../finding/images/measure-images.ts';
import { createSquareReader } from '../../images/square-image.ts';
import { measureSample } from '../../images/measure-sample.ts';
import type { RunContext, RunSummary } from '../../runs/run-context.ts';
import { requireSameData } from '../../runs/same-data.ts';
import { saveCopySearch } from '../../storage/cases.ts';
import { listMeasured } from '../../storage/image-measures.ts';
import type { ProjectFolder } from '../../storage/project-folder.ts';
import { readQueries, type StoredQuery } from '../../storage/queries.ts';
import { addRunNotes } from '../../storage/runs.ts';
import { copyControls } from '../controls.ts';
import { currentManifest, noteManifest } from '../manifest.ts';
import { askedImages, type AskedImage } from './asked-images.ts';
import { findCandidates } from './find-candidates.ts';
import { findLikeness } from './likeness.ts';
import { matchImage, type ExaminedImage } from './match-image.ts';
import { readTrainingPictures } from './training-pictures.ts';

/** Where the parts of the work end, of its whole, as it was on 20,000 small images. */
const MEASURED = 0.3;
const PICTURED = 0.32;
const EMBEDDED = 0.75;
const SEARCHED = 0.88;

export async function findCopiesRun(
  folder: ProjectFolder,
  config: FindCopiesConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const { connection } = folder;
  const { runId, signal } = context;
  const queries = requireQueries(readQueries(connection, config.queries));
  requireSameData(connection, runId, dataHashOf(currentManifest(connection).sha256, queries));
  noteManifest(connection, runId);
  const { unreadable } = await measureImages(folder, partOf(context, 0, MEASURED));
  if (unreadable.length > 0)
    addRunNotes(connection, runId, [
      `${unreadable.length} images could not be read and were not compared; look for broken files among the image issues.`,
    ]);
  const measured = listMeasured(connection);
  const pictures = await readTrainingPictures(
    connection,
    measured.filter(({ split }) => split === 'train'),
    partOf(context, MEASURED, PICTURED),
  );
  if (pictures.samples.length === 0)
    throw new AppError('labels-missing', { reason: 'no image of the train split can be read' });
  const asked = await examine(await askedImages(folder, queries, measured, config.seed));
  const likeness = await findLikeness(folder, asked, config, partOf(context, PICTURED, EMBEDDED), tools);
  const candidates = await findCandidates(asked, {
    ...{ pictures, likeness, count: config.aligned, leastCoverage: config.leastOverlap },
    ...{ matrixEngine: tools.matrixEngine, context: partOf(context, EMBEDDED, SEARCHED) },
  });
  const readSquareOf = createSquareReader(folder, ALIGNED_SIDE);
  const work = { config, pictures, likeness, readSquareOf, signal };
  const found: QueryCopies[] = [];
  for (const [place, image] of asked.entries()) {
    context.progress('Laying images over each other', SEARCHED + ((1 - SEARCHED) * place) / asked.length, {
      queries: place,
    });
    found.push(await matchImage(image, place, candidates[place]!, work));
  }
  const search = {
    ...{ runId, config, embedding: likeness.title, imageCount: pictures.samples.length, queries: found },
  };
  saveCopySearch(connection, search);
  return summarize(search);
}

function summarize(search: Parameters<typeof saveCopySearch>[1]): RunSummary {
  const own = search.queries.filter(({ role }) => role === 'query');
  const withStep = (step: string): number =>
    own.filter(({ matches }) => matches.some((match) => match.step === step)).length;
  const controls = copyControls(search);
  return {
    images: search.imageCount,
    queries: own.length,
    inManifest: withStep('manifest'),
    nearCopies: withStep('near-copy'),
    controlsMet: `${controls.filter(({ met }) => met === true).length} of ${controls.filter(({ met }) => met !== null).length}`,
  };
}

function dataHashOf(manifest: string, queries: readonly StoredQuery[]): string {
  const hash = createHash('sha256').update(manifest);
  for (const { sha256 } of queries) hash.update(`${sha256}\n`);
  return hash.digest('hex');
}

async function examine(images: readonly AskedImage[]): Promise<ExaminedImage[]> {
  const examined: ExaminedImage[] = [];
  for (const image of images) {
    const { pixelHash, signature } = await measureSample({ kind: 'file', bytes: image.bytes });
    examined.push({ ...image, pixelHash, signature });
  }
  return examined;
}
