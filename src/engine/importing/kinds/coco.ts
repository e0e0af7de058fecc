/**
 * @file COCO's annotations, as labels of whole images.
 *
 * [Note: One label of many boxes] An image takes the category that most of its area belongs to: areas of its annotations summed by
 * category (of the box where no area is given; 'iscrowd' ones left out). Of equals the one with more annotations, then the first by
 * name. All its categories are kept in the column 'categories', and how many annotations it has in 'annotations'.
 */
import { basename, posix } from 'node:path';
import { JSONParser } from '@streamparser/json';
import { AppError, throwIfCancelled } from '../../../core/base/app-error.ts';
import type { StoredFile } from '../../sources/file-tree.ts';
import type { FoundProblem } from '../../storage/imports.ts';
import { splitNamed, splitOfName } from '../folder-layout.ts';
import {
  problemOf,
  type ListedImage,
  type Listing,
  type Recognition,
  type SourceLook,
} from '../source-look.ts';
import { cutCell, LIST_SEPARATOR } from '../tables/cell-text.ts';
import { ImagePaths } from '../tables/image-paths.ts';

const HEAD_BYTES = 4096;
/** What the file says of one thing is kept; what is longer is no annotation. */
const LARGEST_FILE_BYTES = 4 * 2 ** 30;
/** More columns nobody reads. */
const MOST_ATTRIBUTES = 200;

interface CocoImage {
  readonly id: string;
  readonly name: string;
  /** What else is said of it, as exports write it. */
  readonly attributes: readonly (readonly [string, string])[];
}

interface Coco {
  readonly images: CocoImage[];
  readonly categories: Map<string, string>;
  /** Area and count by category, by image. */
  readonly areas: Map<string, Map<string, { area: number; count: number }>>;
}

export async function recogniseCoco(look: SourceLook): Promise<Recognition | null> {
  const { tree, files, only } = look;
  if (files.images.length === 0 && only === null) return null;
  const candidates = files.others.filter((path) => /\.json$/i.test(path) && path.split('/').length <= 3);
  const found: string[] = [];
  for (const path of candidates) if (await startsLikeCoco(await tree.file(path))) found.push(path);
  // Captions and key points of the same images lie beside their instances.
  const instances = found.filter((path) => /instances/i.test(basename(path)));
  const chosen = instances.length > 0 ? instances : found;
  if (chosen.length === 0) return null;
  return { kind: 'coco', confidence: 'certain', list: () => listCoco(look, chosen) };
}

async function startsLikeCoco(file: StoredFile): Promise<boolean> {
  const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('utf8');
  return /^\uFEFF?\s*\{/.test(head) && /"(images|annotations|categories|licenses|info)"\s*:/.test(head);
}

async function listCoco(
  { tree, files, only, signal }: SourceLook,
  paths: readonly string[],
): Promise<Listing> {
  // Of a chosen file, the images lie somewhere beside it.
  const all = only === null ? files : await tree.list(signal);
  const images = new Map<string, ListedImage>();
  const problems: FoundProblem[] = [];
  for (const path of paths) {
    const coco = await readCoco(await tree.file(path), signal);
    const folder = posix.dirname(path);
    const folderSplit = splitNamed(folder.split('/').findLast((part) => splitNamed(part) !== null) ?? '');
    const split = splitOfName(basename(path)) ?? folderSplit ?? 'train';
    const located = await locate(new ImagePaths(tree, all.images), folder, path, coco);
    for (const [index, entry] of coco.images.entries()) {
      const { name } = entry;
      const image = located[index]!;
      if (image.kind === 'found')
        images.set(image.path, { path: image.path, split, ...describe(coco, entry) });
      else if (image.kind === 'refused') problems.push(problemOf(name, 'unsafe-path', image.detail));
      else problems.push(problemOf(name, 'vanished', 'the annotations name it, and it is not there'));
    }
  }
  const unlisted = only === null ? files.images.filter((path) => !images.has(path)) : [];
  for (const path of unlisted) {
    images.set(path, { path, label: null, split: 'train' });
    problems.push(
      problemOf(path, 'label-unknown', 'the annotations do not name it; imported without a label'),
    );
  }
  return {
    images: all.images.flatMap((path) => images.get(path) ?? []),
    others: only === null ? files.others.filter((file) => !paths.includes(file)) : [],
    problems,
  };
}

/** Beside the file; in a folder called as the file is ('instances_val2017.json' → 'val2017'); in 'images' or 'data'. */
async function locate(
  paths: ImagePaths,
  folder: string,
  file: string,
  { images }: Coco,
): Promise<Awaited<ReturnType<ImagePaths['locate']>>> {
  const named = basename(file)
    .replace(/\.json$/i, '')
    .split('_')
    .at(-1)!;
  const parents = [folder, posix.dirname(folder)];
  const places = parents.flatMap((parent) =>
    ['', named, 'images', `images/${named}`, 'data'].map((below) => posix.join(parent, below)),
  );
  const names = images.map(({ name }) => name);
  let located = await paths.locate(folder, names);
  for (const place of places) {
    const again = await paths.locate(place, names);
    located = located.map((image, index) => (image.kind === 'absent' ? again[index]! : image));
  }
  return located;
}

function describe(
  { areas, categories }: Coco,
  { id, attributes }: CocoImage,
): Pick<ListedImage, 'label' | 'cells'> {
  const found = [...(areas.get(id) ?? [])].map(([category, sums]) => ({
    name: categories.get(category) ?? category,
    ...sums,
  }));
  found.sort((a, b) => b.area - a.area || b.count - a.count || (a.name < b.name ? -1 : 1));
  if (found.length === 0)
    return { label: null, ...(attributes.length === 0 ? {} : { cells: new Map(attributes) }) };
  const names = found.map(({ name }) => name).join(LIST_SEPARATOR);
  const count = found.reduce((sum, entry) => sum + entry.count, 0);
  return {
    label: found[0]!.name,
    cells: new Map([...attributes, ['categories', cutCell(names)], ['annotations', String(count)]]),
  };
}

/** Item by item, so that a file of gigabytes costs the memory of what is kept of it. Throws `source-labels-invalid`. */
async function readCoco(file: StoredFile, signal: AbortSignal | undefined): Promise<Coco> {
  if (file.bytes > LARGEST_FILE_BYTES) throw invalid(file, 'it has more than 4 GiB');
  const coco: Coco = { images: [], categories: new Map(), areas: new Map() };
  const parser = new JSONParser({
    paths: ['$.images.*', '$.annotations.*', '$.categories.*'],
    keepStack: false,
  });
  parser.onValue = ({ value, stack }) => {
    if (typeof value === 'object' && value !== null)
      take(coco, stack[1]?.key, value as Record<string, unknown>);
  };
  const failures: Error[] = [];
  parser.onError = (cause) => failures.push(cause);
  try {
    for await (const chunk of file.stream()) {
      throwIfCancelled(signal);
      parser.write(chunk);
      if (failures[0] !== undefined) throw failures[0];
    }
    if (!parser.isEnded) throw new Error('it stops within its last value');
  } catch (cause) {
    throwIfCancelled(signal);
    if (cause instanceof AppError || !(cause instanceof Error)) throw cause;
    throw invalid(file, cause.message);
  }
  return coco;
}

function take(coco: Coco, list: unknown, value: Readonly<Record<string, unknown>>): void {
  const text = (key: string): string => {
    const found = value[key];
    return typeof found === 'string' || typeof found === 'number' ? cutCell(String(found)) : '';
  };
  if (list === 'images') {
    if (text('id') !== '' && text('file_name') !== '')
      coco.images.push({
        ...{ id: text('id'), name: text('file_name') },
        attributes: attributesOf(value['attributes']),
      });
  } else if (list === 'categories') {
    if (text('id') !== '' && text('name') !== '')
      coco.categories.set(text('id'), text('name').slice(0, 1000));
  } else if (value['iscrowd'] !== 1 && text('category_id') !== '') {
    const ofImage = coco.areas.get(text('image_id')) ?? new Map<string, { area: number; count: number }>();
    const sums = ofImage.get(text('category_id')) ?? { area: 0, count: 0 };
    ofImage.set(text('category_id'), { area: sums.area + areaOf(value), count: sums.count + 1 });
    coco.areas.set(text('image_id'), ofImage);
  }
}

/** Texts and numbers by name; what is neither is left out. */
function attributesOf(value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value)
    .slice(0, MOST_ATTRIBUTES)
    .flatMap(([name, cell]: [string, unknown]) =>
      (typeof cell === 'string' || typeof cell === 'number') && name.trim() !== '' && cell !== ''
        ? [[cutCell(name), cutCell(String(cell))]]
        : [],
    );
}

function areaOf({ area, bbox }: Readonly<Record<string, unknown>>): number {
  if (typeof area === 'number' && Number.isFinite(area)) return area;
  const [, , width, height] = Array.isArray(bbox) ? (bbox as unknown[]) : [];
  return typeof width === 'number' && typeof height === 'number' ? width * height : 0;
}

function invalid(file: StoredFile, reason: string): AppError {
  return new AppError('source-labels-invalid', { path: file.name, reason });
}
