/** @file The run that looks for queries among the training images: the same files, the same pixels, and what looks alike. */
import { AppError } from '../../../core/base/app-error.ts';
import type { CopyMatch, FindCopiesConfig, QueryCopies } from '../../../contract/cases-service.ts';
import type { SampleId } from '../../../contract/vocabulary.ts';
import { requireQueries } from '../../attributing/queries/attribute-queries-run.ts';
import { Signatures } from '../../finding/images/signatures.ts';
import { measureImages } from '../../finding/images/measure-images.ts';
import { readQueryImage } from '../../generating/query-files.ts';
import { measureSample } from '../../images/measure-sample.ts';
import type { RunContext, RunSummary } from '../../runs/run-context.ts';
import { HASHED_SIZE, perceptualHashes } from '../../../core/curation/images/perceptual-hash.ts';
import { hammingDistance } from '../../../core/curation/images/hamming-search.ts';
import { saveCopySearch } from '../../storage/cases.ts';
import { listMeasured, readSignatures } from '../../storage/image-measures.ts';
import type { ProjectFolder } from '../../storage/project-folder.ts';
import { readQueries } from '../../storage/queries.ts';
import { noteManifest } from '../manifest.ts';

const SIGNATURE = HASHED_SIZE ** 2;

export async function findCopiesRun(
  folder: ProjectFolder,
  config: FindCopiesConfig,
  context: RunContext,
): Promise<RunSummary> {
  const { connection } = folder;
  noteManifest(connection, context.runId);
  const asked = requireQueries(readQueries(connection, config.queries));
  await measureImages(folder, context);
  const samples = listMeasured(connection).filter(({ split }) => split === 'train');
  if (samples.length === 0) throw new AppError('labels-missing', { reason: 'the train split has no images' });
  const ids = samples.map(({ id }) => id);
  const bytes = new Uint8Array((samples.length + 1) * SIGNATURE);
  bytes.set(readSignatures(connection, ids, SIGNATURE));
  const queries: QueryCopies[] = [];
  for (const query of asked) {
    const file = readQueryImage(folder, query.id);
    const measured = await measureSample({ kind: 'file', bytes: file.bytes });
    bytes.set(measured.signature, samples.length * SIGNATURE);
    const signatures = new Signatures(bytes, SIGNATURE);
    const own = perceptualHashes(measured.signature);
    const matches = samples.map(({ id, sha256, pixelHash }, place): CopyMatch => {
      const theirs = perceptualHashes(signatures.of(place));
      const distance = (turned: readonly [number, number]): number =>
        hammingDistance(Uint32Array.from(own.upright), 0, Uint32Array.from(turned), 0);
      const relation =
        sha256 === query.sha256
          ? 'same-file'
          : pixelHash === measured.pixelHash
            ? 'same-pixels'
            : ('alike' as const);
      return {
        sampleId: id as SampleId,
        relation,
        rank: null,
        similarity: Math.max(
          signatures.correlation(samples.length, place, false),
          signatures.correlation(samples.length, place, true),
        ),
        hashDistance: Math.min(distance(theirs.upright), distance(theirs.mirrored)),
        ...{ agreement: null, placement: null, commonness: null },
        step: relation === 'alike' ? 'alike' : 'manifest',
      };
    });
    const ranked = matches.sort((a, b) => b.similarity - a.similarity);
    queries.push({
      ...{ queryId: query.id, role: 'query', sampleId: null, change: '', commonness: null },
      matches: ranked.slice(0, config.nearest).map((match, place) => ({ ...match, rank: place + 1 })),
    });
  }
  saveCopySearch(connection, {
    ...{ runId: context.runId, config, embedding: `pixels, ${HASHED_SIZE} × ${HASHED_SIZE}` },
    ...{ imageCount: samples.length, queries },
  });
  return { queries: queries.length, images: samples.length };
}
