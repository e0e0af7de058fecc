/** @file Whether a project still holds what a bundle says: training images, query images, models, and the events of the case. */
import { isAbsolute } from 'node:path';
import { parse } from 'csv-parse/sync';
import { AppError } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { VerifiedPart } from '../../contract/reports-service.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { readCase } from '../cases/read-case.ts';
import { mapConcurrently } from '../images/map-concurrently.ts';
import { createSampleReader } from '../images/sample-files.ts';
import { locateSamples } from '../storage/imports.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { readQuery } from '../storage/queries.ts';
import { listTrainingImages } from '../storage/training-images.ts';
import { bundleNames } from './bundle.ts';
import type { BundleConfig } from './bundle-config.ts';
import type { BundleFiles } from './bundle-zip.ts';
import { sha256 } from './checksums.ts';
import { hashFile } from './gather-materials.ts';
import { eventLines } from './verify-bundle.ts';
import { chainCase, codeNamesOf } from './write-report.ts';

const CONCURRENCY = 8;

export async function checkProject(
  folder: ProjectFolder,
  files: BundleFiles,
  config: BundleConfig,
  signal?: CancelSignal,
): Promise<VerifiedPart[]> {
  return [
    ...(await checkImages(folder, files, signal)),
    ...(await checkQueries(folder, config, signal)),
    ...(await checkModels(folder, config, signal)),
    ...checkCaseEvents(folder, files, config),
  ];
}

interface ManifestRow {
  readonly id: string;
  readonly path: string;
  readonly sha256: string;
  readonly missing: string;
}

/** Every training image is read again: a hash in the database is not one of the file. */
async function checkImages(
  folder: ProjectFolder,
  files: BundleFiles,
  signal?: CancelSignal,
): Promise<VerifiedPart[]> {
  const rows = manifestRows(files);
  const here = new Map(listTrainingImages(folder.connection).map((image) => [String(image.id), image]));
  const read = createSampleReader();
  const checked = await mapConcurrently(
    rows,
    CONCURRENCY,
    async (row): Promise<VerifiedPart> => {
      const part = partOf('source-file', row.path);
      if (row.missing === 'yes')
        return part('not-checked', 'Its file was missing when the report was written.');
      if (!here.has(row.id)) return part('missing', `The project has no training image ${row.id}.`);
      try {
        const image = await read(locateSamples(folder.connection, [Number(row.id) as SampleId])[0]!);
        const found = sha256(image.kind === 'file' ? image.bytes : image.pixels);
        return compare(part, row.sha256, found);
      } catch (cause) {
        if (!(cause instanceof AppError)) throw cause;
        return part('missing', cause.message);
      }
    },
    signal,
  );
  const known = new Set(rows.map(({ id }) => id));
  const added = [...here.values()].filter(({ id }) => !known.has(String(id)));
  return [
    ...checked,
    ...added.map(({ id }): VerifiedPart => ({
      ...{ kind: 'source-file', name: `image ${id}`, result: 'added' },
      detail: 'The project has this training image, and the manifest of the bundle does not.',
    })),
  ];
}

function manifestRows(files: BundleFiles): ManifestRow[] {
  const bytes = files.get(bundleNames.manifest);
  if (bytes === undefined) return [];
  try {
    return parse<ManifestRow>(Buffer.from(bytes), { columns: true, relax_column_count: true });
  } catch {
    return [];
  }
}

async function checkQueries(
  folder: ProjectFolder,
  { queries }: BundleConfig,
  signal?: CancelSignal,
): Promise<VerifiedPart[]> {
  const parts: VerifiedPart[] = [];
  for (const { id, sha256 } of queries) {
    const part = partOf('query-file', `query ${id}`);
    try {
      const found = await hashFile(folder.path, readQuery(folder.connection, id).file, signal);
      parts.push(
        found.sha256 === null
          ? part('missing', 'Its file is not in the project.')
          : compare(part, sha256, found.sha256),
      );
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      parts.push(part('missing', cause.message));
    }
  }
  return parts;
}

async function checkModels(
  folder: ProjectFolder,
  { models }: BundleConfig,
  signal?: CancelSignal,
): Promise<VerifiedPart[]> {
  const parts: VerifiedPart[] = [];
  for (const { id, files } of models)
    for (const { path, sha256 } of files) {
      const part = partOf('model-file', `model ${id}: ${path}`);
      if (sha256 === null) parts.push(part('not-checked', 'It was missing when the report was written.'));
      else if (isAbsolute(path) || path.split(/[/\\]/).includes('..'))
        parts.push(part('missing', 'The path leads out of the project; it is not read.'));
      else {
        const found = await hashFile(folder.path, path, signal);
        parts.push(
          found.sha256 === null
            ? part('missing', 'It is not in the project.')
            : compare(part, sha256, found.sha256),
        );
      }
    }
  return parts;
}

type MakePart = (result: VerifiedPart['result'], detail: string) => VerifiedPart;

function partOf(kind: VerifiedPart['kind'], name: string): MakePart {
  return (result, detail) => ({ kind, name, result, detail });
}

function compare(part: MakePart, expected: string, found: string): VerifiedPart {
  return found === expected
    ? part('pass', `SHA-256 ${expected}`)
    : part('changed', `SHA-256 ${expected} was expected, ${found} was found.`);
}

/** Line by line: the project makes the same lines of the same events, also under code names. Events since then are no fault. */
function checkCaseEvents(folder: ProjectFolder, files: BundleFiles, config: BundleConfig): VerifiedPart[] {
  const bundled = eventLines(files) ?? [];
  const part = partOf('event', `case ${config.case.id}`);
  try {
    const caseFile = { ...readCase(folder.connection, config.case.id), codeNames: config.case.codeNames };
    const { lines } = chainCase(folder.connection, caseFile, codeNamesOf(folder.connection, caseFile));
    const differing = bundled.findIndex((line, index) => line !== lines[index]);
    if (differing >= 0) {
      const atEvent = partOf('event', `event ${differing + 1}`);
      return lines[differing] === undefined
        ? [atEvent('missing', 'The bundle has this event, and the project has not.')]
        : [atEvent('changed', 'The project tells this event otherwise than the bundle.')];
    }
    const since = lines.length - bundled.length;
    return [
      part(
        'pass',
        `${bundled.length} events are the project’s own${since === 0 ? '' : `; ${since} were added since`}.`,
      ),
    ];
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    return [part('missing', cause.message)];
  }
}
