/** @file Parquet files: what columns they have, their rows as texts, and images that lie in them as bytes. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import {
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type AsyncBuffer,
  type ColumnChunk,
  type Compressors,
  type FileMetaData,
  type SchemaTree,
} from 'hyparquet';
import { AppError } from '../../core/base/app-error.ts';
import type { FileTree, StoredFile } from './file-tree.ts';
import type { ImageArray } from './image-array.ts';
import { LruCache } from './lru-cache.ts';
import { checkPages, pagesOf } from './parquet-pages.ts';

/** A group of rows is read as a whole. */
const LARGEST_GROUP_BYTES = 2 ** 30;
const HELD_GROUPS = 2;

const limited =
  (unpack: (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array) =>
  (bytes: Uint8Array, length: number): Uint8Array =>
    unpack(bytes, { maxOutputLength: Math.max(1, length) });

/** Beside Snappy, which hyparquet has. What a page announces is what it may expand to. */
const compressors: Compressors = {
  GZIP: limited(gunzipSync),
  BROTLI: limited(brotliDecompressSync),
  ZSTD: limited(zstdDecompressSync),
};

export interface ParquetGroup {
  readonly from: number;
  readonly to: number;
}

export class ParquetFile {
  readonly count: number;
  readonly modifiedMs: number;
  readonly groups: readonly ParquetGroup[];
  readonly columns: readonly { readonly name: string; readonly holdsBytes: boolean }[];
  readonly #file: StoredFile;
  readonly #buffer: AsyncBuffer;
  readonly #metadata: FileMetaData;

  private constructor(file: StoredFile, buffer: AsyncBuffer, metadata: FileMetaData, schema: SchemaTree) {
    this.#file = file;
    this.#buffer = buffer;
    this.#metadata = metadata;
    this.columns = schema.children.map((column) => {
      // The type promises a name; a damaged file has none.
      const name = column.element.name as string | undefined;
      if (name === undefined) throw new Error('a column has no name');
      return { name, holdsBytes: isBytes(column) || isImageStruct(column) };
    });
    this.modifiedMs = file.modifiedMs;
    let from = 0;
    this.groups = metadata.row_groups.map(({ num_rows: rows }) => ({ from, to: (from += Number(rows)) }));
    this.count = from;
  }

  /** Throws `source-array-invalid`. */
  static async open(file: StoredFile): Promise<ParquetFile> {
    const buffer: AsyncBuffer = {
      byteLength: file.bytes,
      slice: async (start, end = file.bytes) => (await file.read(start, Math.max(0, end - start))).buffer,
    };
    const parquet = await explain(file, async () => {
      const metadata = await parquetMetadataAsync(buffer);
      const schema = parquetSchema(metadata);
      checkColumns(metadata, schema);
      return new ParquetFile(file, buffer, metadata, schema);
    });
    const rows = Number(parquet.#metadata.num_rows);
    if (
      !Number.isSafeInteger(parquet.count) ||
      parquet.groups.some(({ from, to }) => to < from) ||
      rows !== parquet.count
    )
      throw invalid(file.name, 'its counts of rows do not agree');
    return parquet;
  }

  /** Class names by number, as Hugging Face's data sets keep them in the file's own notes. */
  get classNames(): ReadonlyMap<string, readonly string[]> {
    const note = this.#metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
    const names = new Map<string, readonly string[]>();
    if (note === undefined) return names;
    try {
      const { info } = JSON.parse(note) as { info?: { features?: Record<string, { names?: unknown }> } };
      for (const [column, feature] of Object.entries(info?.features ?? {}))
        if (Array.isArray(feature.names)) names.set(column, feature.names.map(String));
    } catch {
      // A note that is no JSON says nothing.
    }
    return names;
  }

  /** The rows of one group, of these columns. Throws `source-array-invalid`. */
  async rows({ from, to }: ParquetGroup, columns: readonly string[]): Promise<Record<string, unknown>[]> {
    const group =
      this.#metadata.row_groups[
        this.groups.findIndex((candidate) => candidate.from === from && candidate.to === to)
      ]!;
    const wanted = group.columns.filter(({ meta_data: column }) =>
      columns.includes(column?.path_in_schema[0] ?? ''),
    );
    const bytes = wanted.reduce(
      (sum, { meta_data: column }) => sum + Number(column?.total_uncompressed_size ?? 0),
      0,
    );
    if (bytes > LARGEST_GROUP_BYTES)
      throw invalid(
        this.#file.name,
        'a group of its rows takes more than 1 GiB; write it with fewer rows a group',
      );
    return explain(this.#file, async () => {
      for (const column of wanted) await this.#checkPages(column);
      return parquetReadObjects({
        file: this.#buffer,
        metadata: this.#metadata,
        columns: [...columns],
        ...{ rowStart: from, rowEnd: to, utf8: false, compressors },
      });
    });
  }

  async #checkPages(column: ColumnChunk): Promise<void> {
    if (column.meta_data === undefined) return;
    const { from, bytes } = pagesOf(column.meta_data);
    if (!(from >= 0 && bytes >= 0 && from + bytes <= this.#file.bytes))
      throw new Error('a column lies outside of the file');
    checkPages((await this.#file.read(from, bytes)).buffer, column);
  }
}

/** What hyparquet reads and then finds no place for in the schema fails where nobody waits for it, and ends the process. */
function checkColumns({ row_groups: groups }: FileMetaData, schema: SchemaTree): void {
  const leaves = new Set(leavesOf(schema).map(({ path }) => path.join('.')));
  for (const { columns } of groups) {
    const paths = new Set(columns.map(({ meta_data: column }) => column?.path_in_schema.join('.')));
    if (paths.size < columns.length || [...paths].some((path) => path === undefined || !leaves.has(path)))
      throw new Error('its columns are not those that its schema names');
  }
}

function leavesOf(tree: SchemaTree): readonly SchemaTree[] {
  return tree.children.length === 0 ? [tree] : tree.children.flatMap(leavesOf);
}

/** hyparquet throws plain errors, among them those of broken offsets. */
async function explain<Result>(file: StoredFile, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw invalid(file.name, cause instanceof Error ? cause.message : String(cause));
  }
}

function isBytes({ element, children }: SchemaTree): boolean {
  const isText = element.converted_type === 'UTF8' || element.logical_type?.type === 'STRING';
  return (
    children.length === 0 && element.type === 'BYTE_ARRAY' && !isText && element.converted_type === undefined
  );
}

/** Hugging Face's images: {bytes, path}. */
function isImageStruct({ children }: SchemaTree): boolean {
  return children.some((child) => child.element.name === 'bytes' && isBytes(child));
}

/** The bytes of a cell, plain or in a struct; null: there are none. */
export function bytesOfCell(cell: unknown): Uint8Array | null {
  if (cell instanceof Uint8Array) return cell;
  const bytes = (cell as { bytes?: unknown } | null | undefined)?.bytes;
  return bytes instanceof Uint8Array ? bytes : null;
}

/** 'train.parquet/image' → 'train.parquet': the file of an array that is one of its columns. */
export function parquetPath(name: string): string {
  return /^.*?\.parquet(?=\/)/is.exec(name)?.[0] ?? name;
}

/** 'train.parquet/image': the images in one column of a file. */
export async function openParquetImages(tree: FileTree, name: string): Promise<ImageArray> {
  const path = parquetPath(name);
  const column = name.slice(path.length + 1);
  const parquet = await ParquetFile.open(await tree.file(path));
  const held = new LruCache<Promise<Record<string, unknown>[]>>(HELD_GROUPS);
  return {
    count: parquet.count,
    modifiedMs: parquet.modifiedMs,
    image: async (index) => {
      const group = parquet.groups.find(({ from, to }) => index >= from && index < to)!;
      const rows = await held.get(String(group.from), () => parquet.rows(group, [column]));
      const bytes = bytesOfCell(rows[index - group.from]?.[column]);
      if (bytes === null) throw invalid(path, `cell ${index + 1} holds no bytes`);
      return { kind: 'file', bytes };
    },
  };
}

function invalid(path: string, reason: string): AppError {
  return new AppError('source-array-invalid', { path, reason });
}
