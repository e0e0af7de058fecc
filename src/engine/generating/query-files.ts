/** @file The files of query images: made here, or copied in from elsewhere; and what a denoiser sees of them. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { QueryId } from '../../contract/vocabulary.ts';
import { writeFileWhole } from '../artifacts/write-file-whole.ts';
import { MEDIA_TYPES, sniffImageFormat } from '../formats/image-format.ts';
import { ImageError } from '../images/decode.ts';
import { pixelsOf, readImageFile } from '../images/file-pixels.ts';
import {
  insertQueries,
  readQuery,
  removeQueries,
  type NewQuery,
  type StoredQuery,
} from '../storage/queries.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import type { Denoiser } from './denoiser.ts';
import type { LoadedDenoiser } from './loaded-denoiser.ts';
import { readFileClaims } from './file-claims.ts';
import { fromPixels } from './make-images.ts';
import type { QuerySet } from './query-set.ts';

/** Keeps these bytes under their hash; equal content is kept once. */
export function keepQueryFile(
  { queriesPath }: Pick<ProjectFolder, 'queriesPath'>,
  bytes: Uint8Array,
  extension: string,
): Pick<NewQuery, 'file' | 'sha256'> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const name = `${sha256}.${extension}`;
  if (!existsSync(join(queriesPath, name))) writeFileWhole(join(queriesPath, name), [bytes]);
  return { file: `queries/${name}`, sha256 };
}

export interface AddedFiles {
  readonly added: QueryId[];
  readonly problems: { readonly path: string; readonly reason: string }[];
}

/** Copies what can be read; the others are named with their reason. */
export async function addQueryFiles(folder: ProjectFolder, paths: readonly string[]): Promise<AddedFiles> {
  const queries: NewQuery[] = [];
  const problems: AddedFiles['problems'] = [];
  for (const path of paths) {
    try {
      const { bytes, image } = await readImageFile(path);
      queries.push({
        ...keepQueryFile(folder, bytes, image.format),
        origin: 'file',
        modelId: null,
        runId: null,
        place: null,
        name: basename(path),
        generation: {},
        classId: null,
        width: image.width,
        height: image.height,
        claimed: await readFileClaims(bytes),
      });
    } catch (cause) {
      if (!(cause instanceof ImageError)) throw cause;
      problems.push({ path, reason: cause.message });
    }
  }
  return { added: insertQueries(folder.connection, queries), problems };
}

export function forgetQueries(folder: ProjectFolder, ids: readonly QueryId[]): void {
  for (const file of removeQueries(folder.connection, ids)) rmSync(join(folder.path, file), { force: true });
}

/** The image as it lies in the project. */
export function readQueryImage(
  folder: ProjectFolder,
  id: QueryId,
): { bytes: Uint8Array<ArrayBuffer>; type: string } {
  const bytes = bytesOf(folder, readQuery(folder.connection, id));
  const format = sniffImageFormat(bytes);
  return { bytes, type: format === null ? 'application/octet-stream' : MEDIA_TYPES[format] };
}

/** What is read of a model to know what queries were told. */
type Told = Pick<LoadedDenoiser, 'classIds'> & { readonly denoiser: Pick<Denoiser, 'texts'> };
/** What is read of a model to ask about images. */
type Asked = Told & Pick<LoadedDenoiser, 'codec'>;

/**
 * Queries as the denoiser sees them. The class or text that it is told: what the query was
 * made under, where the model knows it. Latents of pictures that were made
 * here are made again from the picture, as those of every other: what is measured is the picture that a person sees, wherever it comes from, and training
 * images have gone the same way.
 */
export async function readQuerySet(
  folder: ProjectFolder,
  model: Asked,
  queries: readonly StoredQuery[],
  context: Pick<RunContext, 'signal' | 'progress'>,
): Promise<QuerySet> {
  const { codec } = model;
  const pictures: Float32Array[] = [];
  for (const query of queries) {
    try {
      pictures.push(fromPixels(await pixelsOf(bytesOf(folder, query), codec.picture)));
    } catch (cause) {
      if (!(cause instanceof ImageError)) throw cause;
      throw new AppError('query-file-damaged', { queryId: query.id, reason: cause.message }, { cause });
    }
  }
  return {
    keys: queries.map(({ sha256 }) => sha256),
    images: await codec.encode(pictures, context.signal),
    classIndices: await toldNumbers(queries, model, context),
  };
}

/** Index of the class, or number of the text, that each query was made under, where the model knows it; −1: none. */
export async function toldNumbers(
  queries: readonly StoredQuery[],
  { classIds, denoiser: { texts } }: Told,
  context: Pick<RunContext, 'signal' | 'progress'>,
): Promise<number[]> {
  const numbers: number[] = [];
  for (const { classId, generation } of queries) {
    const { prompt } = generation;
    const isText = texts !== undefined && typeof prompt === 'string';
    if (isText) numbers.push(await texts.numberOf(prompt, context));
    else numbers.push(classId === null ? -1 : classIds.indexOf(classId));
  }
  return numbers;
}

function bytesOf({ path }: ProjectFolder, { id, file, sha256 }: StoredQuery): Uint8Array<ArrayBuffer> {
  const place = join(path, file);
  if (!existsSync(place))
    throw new AppError('query-file-damaged', { queryId: id, reason: `${file} is missing` });
  const bytes = Uint8Array.from(readFileSync(place));
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw new AppError('query-file-damaged', { queryId: id, reason: 'its bytes have changed' });
  return bytes;
}
