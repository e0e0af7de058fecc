/**
 * @file What says in an exported folder which image is what: Hugging Face's 'metadata.jsonl' in each split, or COCO's annotations.
 * Written as the images come, so that a million of them cost no memory.
 */
import { once } from 'node:events';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import type { LabelRow } from '../storage/label-export.ts';
import type { ExportFacts } from './file-formats.ts';
import { ManifestColumns } from './manifest-record.ts';

export interface FolderTable {
  /** `name`: of the image's file in the folder of its split. */
  readonly add: (row: LabelRow, name: string) => Promise<void>;
  /** Once; also after a failure. */
  readonly close: () => Promise<void>;
}

/** Class folders speak for themselves. */
export const noTable: FolderTable = {
  add: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

export function huggingFaceTable(root: string, facts: ExportFacts): FolderTable {
  const columns = new ManifestColumns(facts.columnNames, facts.hasTags, 'file_name');
  const streams = new Map<string, WriteStream>();
  return {
    add: async (row, name) => {
      const stream = streams.get(row.split) ?? openStream(join(root, row.split, 'metadata.jsonl'));
      streams.set(row.split, stream);
      await write(stream, `${JSON.stringify(columns.toObject(columns.cells(row, name)))}\n`);
    },
    close: async () => {
      for (const stream of streams.values()) await end(stream);
      streams.clear();
    },
  };
}

/** Beside the folders of the splits, as COCO has it. */
const ANNOTATIONS = 'annotations';

/** Of one split: its file, and its annotations until they can follow the images. */
interface CocoPart {
  readonly path: string;
  readonly images: WriteStream;
  readonly annotations: WriteStream;
  annotationCount: number;
}

/**
 * 'annotations/instances_train.json' beside 'train/…': every image with one annotation, the whole of it, of its class; one without a label has
 * none. Tags and imported columns stand in the image's 'attributes', where an import finds them again.
 */
export function cocoTable(root: string): FolderTable {
  const parts = new Map<string, CocoPart>();
  /** Numbers of the classes, the same in all splits. */
  const categories = new Map<string, number>();
  let count = 0;
  return {
    add: async (row, name) => {
      const part = parts.get(row.split) ?? (await openPart(root, row.split));
      const isFirst = !parts.has(row.split);
      parts.set(row.split, part);
      const imageId = ++count;
      await write(part.images, `${isFirst ? '' : ',\n'}${JSON.stringify(imageEntry(imageId, row, name))}`);
      if (row.corrected === null) return;
      const categoryId = categories.get(row.corrected) ?? categories.size + 1;
      categories.set(row.corrected, categoryId);
      const annotation = JSON.stringify(annotationEntry(imageId, categoryId, row));
      await write(part.annotations, `${part.annotationCount++ === 0 ? '' : ',\n'}${annotation}`);
    },
    close: async () => {
      const list = [...categories].map(([name, id]) => ({ id, name, supercategory: '' }));
      for (const part of parts.values()) await closePart(part, JSON.stringify(list));
      parts.clear();
    },
  };
}

async function openPart(root: string, split: string): Promise<CocoPart> {
  const folder = join(root, ANNOTATIONS);
  await mkdir(folder, { recursive: true });
  const path = join(folder, `instances_${split}.json`);
  const images = openStream(path);
  await write(images, '{"info":{"description":"Written by Whence"},"images":[\n');
  return { path, images, annotations: openStream(`${path}.annotations`), annotationCount: 0 };
}

async function closePart({ path, images, annotations }: CocoPart, categories: string): Promise<void> {
  await end(annotations);
  const kept = `${path}.annotations`;
  await write(images, '\n],"annotations":[\n');
  await pipeline(createReadStream(kept), images, { end: false });
  await write(images, `\n],"categories":${categories}}\n`);
  await end(images);
  await rm(kept);
}

function imageEntry(id: number, row: LabelRow, name: string): object {
  const { width, height, tags, cells } = row;
  const attributes = {
    ...Object.fromEntries(cells),
    ...(tags.length === 0 ? {} : { tags: tags.join(' | ') }),
  };
  const isDescribed = Object.keys(attributes).length > 0;
  return { id, file_name: name, width, height, ...(isDescribed ? { attributes } : {}) };
}

function annotationEntry(imageId: number, categoryId: number, { width, height }: LabelRow): object {
  return {
    ...{ id: imageId, image_id: imageId, category_id: categoryId },
    ...{ bbox: [0, 0, width, height], area: width * height, iscrowd: 0 },
  };
}

function openStream(path: string): WriteStream {
  const stream = createWriteStream(path);
  // Whoever writes next, or ends it, is told.
  stream.on('error', () => undefined);
  return stream;
}

async function write(stream: WriteStream, text: string): Promise<void> {
  if (stream.errored !== null) throw stream.errored;
  if (!stream.write(text)) await once(stream, 'drain');
}

async function end(stream: WriteStream): Promise<void> {
  stream.end();
  await finished(stream);
}
