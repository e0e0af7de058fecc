/**
 * @file The feature store: projected gradients of many images in append-only shards on disk. A store is addressed by everything
 * its numbers depend on. A shard is written to a partial name and renamed when whole, with a receipt beside it; so work goes
 * on at the first missing shard, and several processes may fill different shards of one store.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError, throwIfCancelled } from '../../core/base/app-error.ts';
import { assert } from '../../core/base/assert.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import { makeMatrix, zeros32, type Matrix32 } from '../../core/linalg/matrix.ts';
import { rowRange, widen, type Rows } from '../../core/linalg/rows.ts';
import { diffusionOutputs } from '../../core/diffusion/output-functions.ts';
import { projectionKinds } from '../../core/nn/projection.ts';
import { encodeFloat16Rows } from './float16-rows.ts';
import { writeFileWhole } from './write-file-whole.ts';

/** Raise when the layout or the meaning of the numbers changes: old stores are then not used. */
const FORMAT_VERSION = 2;
const SHARD_BYTES = 8 * 2 ** 20;

const Arguments = z.object({
  format: z.literal(FORMAT_VERSION),
  /** SHA-256 of the parameters of the model. */
  model: z.string(),
  outputFunction: z.enum(['margin', 'embedding', 'none', 'pixels', ...diffusionOutputs]),
  projection: z.object({ kind: z.enum(projectionKinds), size: z.number(), seed: z.number() }),
  /** Of the pixels, the normalisation and the targets of the rows. */
  dataVersion: z.string(),
  rowIdsHash: z.string(),
  rowCount: z.number().int(),
  /** k: length of a row. */
  columns: z.number().int(),
  /** Names of the numbers kept per row beside its features. */
  sideColumns: z.array(z.string()),
  dtype: z.enum(['float16', 'float32']),
  /** 'row': each row is multiplied by a power of two of its own; the factors are kept beside. */
  scale: z.enum(['none', 'row']),
  rowsPerShard: z.number().int(),
});
type StoredArguments = z.infer<typeof Arguments>;

const Receipt = z.object({
  sha256: z.string(),
  rowCount: z.number().int(),
  /** What computing the rows took; zero in shards that were written before it was measured. */
  seconds: z.number().default(0),
});
const Manifest = z.object({
  arguments: Arguments,
  /** One per shard in order, once all are there. */
  shards: z.array(Receipt),
  done: z.boolean(),
});

export interface FeatureStoreArguments extends Omit<
  StoredArguments,
  'format' | 'rowsPerShard' | 'scale' | 'rowIdsHash' | 'rowCount'
> {
  readonly rowIds: ArrayLike<number>;
  /** Chosen from the size of a row where not given. */
  readonly rowsPerShard?: number;
}

export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** What is known of some consecutive rows. */
export interface FeatureRows {
  /** [rows, columns] */
  readonly features: Float32Array;
  /** Per side column, [rows]. */
  readonly side: Readonly<Record<string, Float32Array>>;
}

/** The same as it is stored: the features in the store's element type. */
interface StoredRows extends Pick<FeatureRows, 'side'> {
  readonly features: Rows;
}

export interface FillOptions {
  readonly signal?: CancelSignal | undefined;
  /** The shards to see to; all where not given. */
  readonly shards?: readonly number[];
  readonly onProgress?: (rowsDone: number) => void;
}

export class FeatureStore {
  readonly path: string;
  readonly #arguments: StoredArguments;
  readonly shardCount: number;
  /** Shards whose bytes were held against their receipt already: a store is read many times in one run. */
  readonly #checked = new Set<number>();

  private constructor(path: string, stored: StoredArguments) {
    this.path = path;
    this.#arguments = stored;
    this.shardCount = Math.ceil(stored.rowCount / stored.rowsPerShard);
  }

  /** The store of these arguments under `root`, made where there is none; one that says something else is refused. */
  static open(root: string, wanted: FeatureStoreArguments): FeatureStore {
    const stored = complete(wanted);
    const path = join(root, addressOf(stored));
    mkdirSync(path, { recursive: true });
    const manifestPath = join(path, 'manifest.json');
    if (existsSync(manifestPath)) refuseOtherArguments(manifestPath, stored);
    else writeManifest(manifestPath, { arguments: stored, shards: [], done: false });
    return new FeatureStore(path, stored);
  }

  get rowCount(): number {
    return this.#arguments.rowCount;
  }

  get columns(): number {
    return this.#arguments.columns;
  }

  /** What computing all that is there took, whenever that was. */
  get seconds(): number {
    let seconds = 0;
    for (let shard = 0; shard < this.shardCount; shard++) seconds += this.#receipt(shard)?.seconds ?? 0;
    return seconds;
  }

  /** On disk, once the store is whole. */
  get byteCount(): number {
    const { columns, rowCount, sideColumns, dtype } = this.#arguments;
    const rowBytes = dtype === 'float16' ? columns * 2 + 4 : columns * 4;
    return rowCount * (rowBytes + sideColumns.length * 4);
  }

  /** Computes every shard that is missing. `compute` must give a row the same numbers in whatever range it is asked for. */
  async fill(compute: (range: RowRange) => Promise<FeatureRows>, options: FillOptions = {}): Promise<void> {
    const shards = options.shards ?? Array.from({ length: this.shardCount }, (_, shard) => shard);
    for (const shard of shards) {
      throwIfCancelled(options.signal);
      const range = this.#range(shard);
      if (this.#receipt(shard) === null) {
        const start = performance.now();
        const rows = await compute(range);
        this.#writeShard(shard, rows, (performance.now() - start) / 1000);
      }
      options.onProgress?.(range.to);
    }
    this.#seal();
  }

  /** Deletes the shards whose bytes are not what was written, so that `fill` makes them again; answers which they were. */
  discardDamaged(): number[] {
    const damaged: number[] = [];
    for (let shard = 0; shard < this.shardCount; shard++) {
      const receipt = this.#receipt(shard);
      if (receipt === null || this.#readChecked(shard, receipt) !== null) continue;
      rmSync(this.#file(shard, 'json'), { force: true });
      rmSync(this.#file(shard, 'bin'), { force: true });
      this.#checked.delete(shard);
      damaged.push(shard);
    }
    return damaged;
  }

  /** The features shard by shard, in row order and as they are stored. */
  *blocks(): Generator<Rows> {
    for (let shard = 0; shard < this.shardCount; shard++) yield this.#readShard(shard).features;
  }

  /** Single rows in the given order, [rows.length, columns]; each shard that has some is read once. */
  rowsAt(rows: ArrayLike<number>): Matrix32 {
    const { columns, rowsPerShard } = this.#arguments;
    const gathered = zeros32(rows.length, columns);
    const placesOf = Map.groupBy(Array.from(rows).keys(), (place) => Math.floor(rows[place]! / rowsPerShard));
    for (const [shard, places] of placesOf) {
      const { features } = this.#readShard(shard);
      for (const place of places) {
        const row = widen(rowRange(features, rows[place]! - shard * rowsPerShard, 1));
        gathered.data.set(row.data, place * columns);
      }
    }
    return gathered;
  }

  /** One side column of all rows. */
  side(name: string): Float32Array {
    const values = new Float32Array(this.rowCount);
    for (let shard = 0; shard < this.shardCount; shard++) {
      const column = this.#readShard(shard).side[name];
      assert(column !== undefined, `the store has no column ${name}`);
      values.set(column, this.#range(shard).from);
    }
    return values;
  }

  #readShard(shard: number): StoredRows {
    const path = this.#file(shard, 'bin');
    const receipt = this.#receipt(shard);
    if (receipt === null) throw new AppError('artifact-damaged', { path, reason: 'it is missing' });
    const bytes = this.#readChecked(shard, receipt);
    if (bytes === null)
      throw new AppError('artifact-damaged', { path, reason: 'its bytes are not those that were written' });
    return this.#decode(bytes, receipt.rowCount);
  }

  #range(shard: number): RowRange {
    const from = shard * this.#arguments.rowsPerShard;
    return { from, to: Math.min(this.rowCount, from + this.#arguments.rowsPerShard) };
  }

  #file(shard: number, extension: 'bin' | 'json'): string {
    return join(this.path, `${String(shard).padStart(6, '0')}.${extension}`);
  }

  /** The shard first, its receipt last: a receipt says that the shard is whole. */
  #writeShard(shard: number, rows: FeatureRows, seconds: number): void {
    const { columns, sideColumns, dtype } = this.#arguments;
    const { from, to } = this.#range(shard);
    assert(rows.features.length === (to - from) * columns, `shard ${shard} wants ${to - from} rows`);
    const pieces: Uint8Array[] = sideColumns.map((name) => {
      const column = rows.side[name];
      assert(column?.length === to - from, `shard ${shard} wants ${to - from} values of ${name}`);
      return bytesOf(column);
    });
    if (dtype === 'float32') pieces.push(bytesOf(rows.features));
    else {
      const { bits, scales } = encodeFloat16Rows(rows.features, columns);
      pieces.push(bytesOf(scales), bytesOf(bits));
    }
    const hash = createHash('sha256');
    for (const piece of pieces) hash.update(piece);
    writeFileWhole(this.#file(shard, 'bin'), pieces);
    const receipt: z.infer<typeof Receipt> = { sha256: hash.digest('hex'), rowCount: to - from, seconds };
    writeFileWhole(this.#file(shard, 'json'), [Buffer.from(JSON.stringify(receipt))]);
  }

  #decode(bytes: Uint8Array<ArrayBuffer>, rowCount: number): StoredRows {
    const { columns, sideColumns, dtype } = this.#arguments;
    let at = bytes.byteOffset;
    const floats = (count: number): Float32Array<ArrayBuffer> => {
      const values = new Float32Array(bytes.buffer, at, count);
      at += count * 4;
      return values;
    };
    const side = Object.fromEntries(sideColumns.map((name) => [name, floats(rowCount)]));
    if (dtype === 'float32')
      return { side, features: makeMatrix(rowCount, columns, floats(rowCount * columns)) };
    const scales = floats(rowCount);
    const bits = new Uint16Array(bytes.buffer, at, rowCount * columns);
    return { side, features: { rows: rowCount, columns, bits, scales } };
  }

  #receipt(shard: number): z.infer<typeof Receipt> | null {
    const path = this.#file(shard, 'json');
    if (!existsSync(path)) return null;
    const parsed = Receipt.safeParse(parseJson(path));
    return parsed.success ? parsed.data : null;
  }

  #readChecked(shard: number, receipt: z.infer<typeof Receipt>): Uint8Array<ArrayBuffer> | null {
    const path = this.#file(shard, 'bin');
    if (!existsSync(path)) return null;
    const bytes = readWhole(path);
    if (this.#checked.has(shard)) return bytes;
    if (createHash('sha256').update(bytes).digest('hex') !== receipt.sha256) return null;
    this.#checked.add(shard);
    return bytes;
  }

  /** Once every shard is there, the manifest lists them. Two processes that end together write the same. */
  #seal(): void {
    const receipts = Array.from({ length: this.shardCount }, (_, shard) => this.#receipt(shard));
    const shards = receipts.flatMap((receipt) => (receipt === null ? [] : [receipt]));
    if (shards.length < this.shardCount) return;
    writeManifest(join(this.path, 'manifest.json'), { arguments: this.#arguments, shards, done: true });
  }
}

function complete({ rowIds, rowsPerShard, ...wanted }: FeatureStoreArguments): StoredArguments {
  const rowBytes = wanted.columns * (wanted.dtype === 'float16' ? 2 : 4);
  const roundRows = Math.max(256, Math.floor(SHARD_BYTES / rowBytes / 256) * 256);
  return {
    format: FORMAT_VERSION,
    ...wanted,
    rowIdsHash: createHash('sha256').update(Int32Array.from(rowIds)).digest('hex'),
    rowCount: rowIds.length,
    scale: wanted.dtype === 'float16' ? 'row' : 'none',
    rowsPerShard: rowsPerShard ?? roundRows,
  };
}

/** The folder's name: a hash of all arguments in a fixed order. */
function addressOf(stored: StoredArguments): string {
  const ordered = Object.keys(Arguments.shape).map((key) => [key, stored[key as keyof StoredArguments]]);
  return createHash('sha256').update(JSON.stringify(ordered)).digest('hex').slice(0, 24);
}

function refuseOtherArguments(path: string, wanted: StoredArguments): void {
  const found = Manifest.safeParse(parseJson(path));
  if (!found.success)
    throw new AppError('artifact-damaged', { path, reason: 'it is not a manifest of features' });
  const keys = Object.keys(Arguments.shape) as (keyof StoredArguments)[];
  const other = keys.filter(
    (key) => JSON.stringify(found.data.arguments[key]) !== JSON.stringify(wanted[key]),
  );
  if (other.length > 0)
    throw new AppError('artifact-arguments-differ', { path, difference: other.join(', ') });
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

function writeManifest(path: string, manifest: z.infer<typeof Manifest>): void {
  writeFileWhole(path, [Buffer.from(JSON.stringify(manifest, null, 1))]);
}

/** In a buffer of its own, so that numbers in it are aligned. */
function readWhole(path: string): Uint8Array<ArrayBuffer> {
  const bytes = readFileSync(path);
  return bytes.byteOffset === 0 ? bytes : Uint8Array.from(bytes);
}

function bytesOf(values: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
