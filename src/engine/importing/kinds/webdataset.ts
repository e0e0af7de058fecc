/**
 * @file WebDataset: shards in tars, where files of one name up to the first dot belong together: '0001.jpg' with '0001.cls' (its
 * class), '0001.json' (what else is known) or '0001.txt' (a caption).
 */
import { join, posix } from 'node:path';
import { AppError, throwIfCancelled } from '../../../core/base/app-error.ts';
import { readWhole, type FileTree } from '../../sources/file-tree.ts';
import { openTree } from '../../sources/open-tree.ts';
import type { FoundProblem } from '../../storage/imports.ts';
import { splitOfName } from '../folder-layout.ts';
import {
  problemOf,
  type ListedImage,
  type Listing,
  type Recognition,
  type SourceLook,
} from '../source-look.ts';
import { cellsOf, cutCell } from '../tables/cell-text.ts';
import { chooseColumns, readRow } from '../tables/table-columns.ts';

const SIDECARS = ['cls', 'json', 'txt'] as const;
type Sidecar = (typeof SIDECARS)[number];
const LARGEST_SIDECAR_BYTES = 2 ** 20;

/** One tar, or another tree, of a source: `prefix` stands before its paths. */
interface Shard {
  readonly prefix: string;
  readonly tree: FileTree;
  readonly images: readonly string[];
  /** Sidecars by what stands before the first dot. */
  readonly sidecars: ReadonlyMap<string, ReadonlyMap<Sidecar, string>>;
  readonly problems: readonly FoundProblem[];
}

export async function recogniseWebDataset(look: SourceLook): Promise<Recognition | null> {
  const { files, tree, only } = look;
  const tars = tree.container === 'folder' ? files.others.filter((path) => /\.tar$/i.test(path)) : [];
  if (only !== null || (files.images.length > 0 && tars.length > 0)) return null;
  const shards =
    tars.length === 0
      ? [toShard('', tree, files.images, files.others, [])]
      : await openShards(tree, tars, look.signal);
  const images = shards.flatMap((shard) => shard.images);
  const described = shards.flatMap((shard) => shard.images.filter((path) => shard.sidecars.has(keyOf(path))));
  if (images.length === 0 || (tars.length === 0 && described.length < images.length / 2)) return null;
  const isSure = (tree.container === 'tar' || tars.length > 0) && described.length >= 0.9 * images.length;
  return {
    kind: 'webdataset',
    confidence: isSure ? 'certain' : 'guess',
    list: () => listShards(look, shards),
  };
}

async function openShards(tree: FileTree, tars: readonly string[], signal?: AbortSignal): Promise<Shard[]> {
  const shards: Shard[] = [];
  for (const path of tars) {
    throwIfCancelled(signal);
    try {
      const tar = await openTree(join(tree.path, path), signal);
      const { images, others, unreadable } = await tar.list();
      const problems = unreadable.map((found) =>
        problemOf(`${path}/${found.path}`, found.reason, found.detail),
      );
      shards.push(toShard(`${path}/`, tar, images, others, problems));
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      shards.push(toShard(`${path}/`, tree, [], [], [problemOf(path, 'unreadable', cause.message)]));
    }
  }
  return shards;
}

function toShard(
  prefix: string,
  tree: FileTree,
  images: readonly string[],
  others: readonly string[],
  problems: readonly FoundProblem[],
): Shard {
  const sidecars = new Map<string, Map<Sidecar, string>>();
  for (const path of others) {
    const key = keyOf(path);
    const kind = SIDECARS.find((extension) => path.toLowerCase() === `${key.toLowerCase()}.${extension}`);
    if (kind === undefined) continue;
    const known = sidecars.get(key) ?? new Map<Sidecar, string>();
    sidecars.set(key, known.set(kind, path));
  }
  return { prefix, tree, images, sidecars, problems };
}

/** 'shards/0001.seg.png' → 'shards/0001'. */
function keyOf(path: string): string {
  const name = posix.basename(path);
  const dot = name.indexOf('.', 1);
  return dot < 0 ? path : path.slice(0, path.length - name.length + dot);
}

async function listShards(
  { files, choices, signal }: SourceLook,
  shards: readonly Shard[],
): Promise<Listing> {
  const images: ListedImage[] = [];
  const problems: FoundProblem[] = [];
  for (const shard of shards) {
    problems.push(...shard.problems);
    const shardSplit =
      splitOfName(shard.prefix === '' ? posix.basename(shard.tree.path) : shard.prefix) ?? 'train';
    for (const image of shard.images) {
      throwIfCancelled(signal);
      const path = `${shard.prefix}${image}`;
      try {
        const row = await readSidecars(shard, keyOf(image));
        const columns = chooseColumns(path, [...row.keys()], { sourcePath: choices.sourcePath }, () => null);
        const { label, split, cells } = readRow(row, { ...columns, path: null });
        images.push({ path, label, split: split ?? shardSplit, cells });
      } catch (cause) {
        if (!(cause instanceof AppError)) throw cause;
        problems.push(problemOf(path, 'label-unknown', cause.message));
        images.push({ path, label: null, split: shardSplit });
      }
    }
  }
  const used = new Set(
    shards.flatMap(({ sidecars }) => [...sidecars.values()].flatMap((found) => [...found.values()])),
  );
  const isRead = (file: string): boolean =>
    used.has(file) || shards.some(({ prefix }) => prefix === `${file}/`);
  return { images, others: files.others.filter((file) => !isRead(file)), problems };
}

/** The class under 'label', the caption under 'text', the rest under its own names. */
async function readSidecars({ tree, sidecars }: Shard, key: string): Promise<Map<string, string>> {
  const found = sidecars.get(key);
  const row = new Map<string, string>();
  const read = async (kind: Sidecar): Promise<string | null> => {
    const path = found?.get(kind);
    if (path === undefined) return null;
    const file = await tree.file(path);
    if (file.bytes > LARGEST_SIDECAR_BYTES)
      throw new AppError('source-labels-invalid', { path: file.name, reason: 'it has more than 1 MiB' });
    return Buffer.from(await readWhole(file)).toString('utf8');
  };
  const note = (name: string, text: string | null): void => {
    if (text !== null && text.trim() !== '' && !row.has(name)) row.set(name, cutCell(text));
  };
  note('label', await read('cls'));
  const json = await read('json');
  if (json !== null) for (const [name, value] of parseJson(key, json)) note(name, value);
  note('text', await read('txt'));
  return row;
}

function parseJson(key: string, text: string): Map<string, string> {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? cellsOf(value as Record<string, unknown>)
      : new Map<string, string>();
  } catch (cause) {
    throw new AppError('source-labels-invalid', { path: `${key}.json`, reason: (cause as Error).message });
  }
}
