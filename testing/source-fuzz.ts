/** @file Small whole sources of every format, ways to damage their files, and an import that tells how it ended. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { AppError } from '../src/core/base/app-error.ts';
import { encodeIdx } from './idx-writer.ts';
import { encodeImage } from './image-files.ts';
import { makeImportProject, type ImportProject } from './imported-project.ts';
import { npzBytes } from './npz-writer.ts';
import { encodeParquet } from './parquet-writer.ts';
import { encodeTar } from './tar-writer.ts';
import { encodeZip } from './zip-writer.ts';

export interface FuzzedSource {
  /** Of the format. */
  readonly name: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** The file that is damaged. */
  readonly target: string;
  /** What is imported; null: the folder. */
  readonly source: string | null;
}

/** How a file is damaged. Places are parts of its length, 0…1. */
export type Damage =
  | { readonly kind: 'flip'; readonly at: number; readonly mask: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'swap'; readonly at: number; readonly other: number; readonly length: number };

export async function fuzzedSources(): Promise<FuzzedSource[]> {
  const images = await Promise.all([1, 2].map((seed) => encodeImage('png', 6, 5, seed)));
  const [one, two] = images as [Buffer, Buffer];
  const files = { '1.png': one, '2.png': two };
  const table = (name: string, content: string | Uint8Array): FuzzedSource => ({
    name: name.slice(name.indexOf('.') + 1),
    files: { ...files, [name]: Buffer.from(content as Uint8Array) },
    target: name,
    source: name,
  });
  const single = (name: string, target: string, bytes: Uint8Array): FuzzedSource => ({
    ...{ name, files: { [target]: bytes }, target, source: target },
  });
  const coco = {
    images: [1, 2].map((id) => ({ id, file_name: `${id}.png` })),
    annotations: [1, 2].map((id) => ({ image_id: id, category_id: id, bbox: [0, 0, 2, 3], area: 6 })),
    categories: [1, 2].map((id) => ({ id, name: `class ${id}` })),
  };
  const pixels = Uint8Array.from({ length: 40 }, (_, at) => at);
  const columns = ['path', 'label', 'split'] as const;
  const rows = [
    ['1.png', 'owl', 'train'],
    ['2.png', 'jay', 'test'],
  ];
  const parquet = parquetWriteBuffer({
    columnData: columns.map((name, index) => ({
      name,
      data: rows.map((row) => row[index]!),
      type: 'STRING' as const,
    })),
  });
  return [
    table('labels.csv', 'path,label,split,artist\n1.png,owl,train,"Ada, B."\n2.png,jay,test,\n'),
    table('labels.jsonl', '{"path":"1.png","label":"owl","meta":{"a":1}}\n{"path":"2.png","label":"jay"}\n'),
    { ...table('table.parquet', new Uint8Array(parquet)), name: 'Parquet tables' },
    { ...table('coco.json', JSON.stringify(coco)), name: 'COCO', source: null },
    single(
      'Parquet images',
      'images.parquet',
      encodeParquet(
        images.map((bytes, label) => ({ image: { bytes, path: '' }, label, artist: 'Ada' })),
        ['owl', 'jay'],
      ),
    ),
    single('CIFAR', 'data_batch_1.bin', Buffer.concat([0, 1].map((label) => Buffer.alloc(3073, label)))),
    single(
      'NPZ',
      'set.npz',
      npzBytes({
        x_train: { type: '|u1', shape: [2, 4, 5], bytes: pixels },
        y_train: { type: '|u1', shape: [2], bytes: Uint8Array.of(0, 1) },
      }),
    ),
    {
      name: 'IDX',
      files: {
        'train-images-idx3-ubyte': encodeIdx([2, 4, 5], pixels),
        'train-labels-idx1-ubyte': encodeIdx([2], Uint8Array.of(0, 1)),
      },
      target: 'train-images-idx3-ubyte',
      source: null,
    },
    single(
      'WebDataset',
      'shard.tar',
      await encodeTar({ '1.png': one, '1.cls': '1', '2.png': two, '2.json': '{"label":"owl"}' }),
    ),
    single('zip', 'set.zip', encodeZip({ 'owl/1.png': one, 'jay/2.png': { bytes: two, stored: true } })),
    { name: 'PNG', files, target: '1.png', source: null },
  ];
}

export function damaged(bytes: Uint8Array, damages: readonly Damage[]): Uint8Array {
  return damages.reduce((whole, damage) => apply(Buffer.from(whole), damage), bytes);
}

function apply(bytes: Buffer, damage: Damage): Buffer {
  const at = Math.min(bytes.length, Math.floor(damage.at * bytes.length));
  switch (damage.kind) {
    case 'flip':
      if (at < bytes.length) bytes[at] = bytes[at]! ^ damage.mask;
      return bytes;
    case 'cut':
      return bytes.subarray(0, at);
    case 'insert':
      return Buffer.concat([bytes.subarray(0, at), damage.bytes, bytes.subarray(at)]);
    case 'swap': {
      const other = Math.floor(damage.other * bytes.length);
      const [first, second] = [
        Buffer.from(bytes.subarray(at, at + damage.length)),
        Buffer.from(bytes.subarray(other, other + damage.length)),
      ];
      second.copy(bytes, at);
      first.copy(bytes, other);
      return bytes;
    }
  }
}

/** One folder and one project, into which damaged sources are imported one after the other. */
export class FuzzBench {
  readonly #project: ImportProject = makeImportProject();
  readonly #folder = mkdtempSync(join(tmpdir(), 'whence-fuzz-'));
  readonly #source: FuzzedSource;

  constructor(source: FuzzedSource) {
    this.#source = source;
    for (const [name, bytes] of Object.entries(source.files)) writeFileSync(join(this.#folder, name), bytes);
  }

  /** 'imported', or the code of the refusal; anything else that is thrown is a bug and goes on its way. */
  async import(damages: readonly Damage[]): Promise<string> {
    const { files, target, source } = this.#source;
    writeFileSync(join(this.#folder, target), damaged(files[target]!, damages));
    try {
      await this.#project.import(source === null ? this.#folder : join(this.#folder, source));
      return 'imported';
    } catch (cause) {
      if (cause instanceof AppError) return cause.code;
      throw cause;
    }
  }

  /** Whether the project is whole: its database, and a picture for every image. */
  isWhole(): boolean {
    const { connection, thumbnails } = this.#project.folder;
    const pictures = new Set(thumbnails.prepare('SELECT sampleId FROM thumbnails').pluck().all());
    const ids = connection.prepare('SELECT id FROM samples').pluck().all();
    const isSound = connection.pragma('integrity_check', { simple: true }) === 'ok';
    return isSound && ids.every((id) => pictures.has(id));
  }

  remove(): void {
    this.#project.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
