/** @file The images of a source by their paths: files of a folder or archive, or places in arrays of images. */
import { basename, join } from 'node:path';
import type { SourceKind } from '../../contract/imports-service.ts';
import { openCifar } from './cifar.ts';
import { readWhole, type FileTree } from './file-tree.ts';
import { findIdxPart, readIdxPart } from './idx-source.ts';
import { parsePlace, type ImageArray, type StoredImage } from './image-array.ts';
import { LruCache } from './lru-cache.ts';
import { npzPath, openNpzArray } from './npz.ts';
import { openTree } from './open-tree.ts';
import { openParquetImages, parquetPath } from './parquet-file.ts';

/** What tells that an image may have changed. */
export interface ImageFacts {
  /** null: not known without reading it. */
  readonly bytes: number | null;
  readonly modifiedMs: number;
}

export interface ImageStore {
  readonly facts: (path: string) => Promise<ImageFacts>;
  readonly read: (path: string) => Promise<StoredImage>;
}

interface ArrayKind {
  /** Below the tree: the file whose change means that the array is to be opened again. */
  readonly file: (tree: FileTree, name: string, only: string | null) => Promise<string>;
  readonly open: (tree: FileTree, name: string, only: string | null) => Promise<ImageArray>;
}

/** Kinds of sources whose images have no file of their own. `only`: the one file of a folder that is the source. */
const arrayKinds: Partial<Record<SourceKind, ArrayKind>> = {
  idx: {
    file: async (...place) => (await findIdxPart(...place)).imagesPath,
    open: async (tree, ...place) => readIdxPart(tree, await findIdxPart(tree, ...place)),
  },
  cifar: { file: (_, name) => Promise.resolve(name), open: openCifar },
  npz: { file: (_, name) => Promise.resolve(npzPath(name)), open: openNpzArray },
  parquet: { file: (_, name) => Promise.resolve(parquetPath(name)), open: openParquetImages },
};

/** Training and test images of one set; a third array replaces the one used least recently. */
const HELD_ARRAYS = 2;
const heldArrays = new LruCache<Promise<ImageArray>>(HELD_ARRAYS);

/** `root`: the folder, archive, or file whose folder the paths are relative to. */
export async function openImageStore(
  kind: SourceKind,
  root: string,
  signal?: AbortSignal,
): Promise<ImageStore> {
  const tree = await openTree(root, signal);
  const arrays = arrayKinds[kind];
  if (arrays === undefined) return fileStore(kind === 'webdataset' ? shardsOf(tree) : tree);
  const only = tree.path === root ? null : basename(root);
  const stamps = new Map<string, Promise<string>>();
  const stampOf = async (name: string): Promise<string> => {
    const { bytes, modifiedMs } = await tree.file(await arrays.file(tree, name, only));
    return [kind, root, name, bytes, modifiedMs].join('\0');
  };
  const arrayOf = async (path: string): Promise<{ array: ImageArray; index: number }> => {
    const place = parsePlace(path);
    if (place === null) throw new Error(`${path} is no place in a file of images`);
    const { name, index } = place;
    const stamp = stamps.get(name) ?? stampOf(name);
    stamps.set(name, stamp);
    const array = await heldArrays.get(await stamp, () => arrays.open(tree, name, only));
    if (index >= array.count) throw new Error(`${name} holds ${array.count} images now`);
    return { array, index };
  };
  return {
    facts: async (path) => ({ bytes: null, modifiedMs: (await arrayOf(path)).array.modifiedMs }),
    read: async (path) => {
      const { array, index } = await arrayOf(path);
      return array.image(index);
    },
  };
}

/** 'shard-000.tar/0001.jpg' is a file of a tar of the folder. */
function shardsOf(tree: FileTree): FileTree {
  if (tree.container !== 'folder') return tree;
  const file: FileTree['file'] = async (path) => {
    const shard = /^.*?\.tar(?=\/)/i.exec(path)?.[0];
    if (shard === undefined) return tree.file(path);
    return (await openTree(join(tree.path, shard))).file(path.slice(shard.length + 1));
  };
  return { ...tree, file };
}

function fileStore(tree: FileTree): ImageStore {
  return {
    facts: async (path) => tree.file(path),
    read: async (path) => ({ kind: 'file', bytes: await readWhole(await tree.file(path)) }),
  };
}
