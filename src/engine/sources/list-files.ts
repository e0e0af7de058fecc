/**
 * @file Walks a folder: every file under it by relative path, in natural order. Hidden files, what operating systems leave
 * behind and Whence's own projects are passed over. Linked folders are followed once each, so a loop of links ends.
 */
import { open, readdir, realpath, stat } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { throwIfCancelled } from '../../core/base/app-error.ts';
import { extensionOf, hasImageExtension, SNIFF_BYTES, sniffImageFormat } from '../formats/image-format.ts';
import type { ListedFiles, TreeProblem } from './file-tree.ts';

const LEFT_BY_SYSTEMS = new Set([
  'thumbs.db',
  'desktop.ini',
  '__macosx',
  '$recycle.bin',
  'system volume information',
]);

const order = new Intl.Collator('en', { numeric: true });

/** Natural order: 'image2' before 'image10'; ties by code unit, so that the order is total. */
export function compareNaturally(a: string, b: string): number {
  return order.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

interface Walk {
  readonly root: string;
  readonly images: string[];
  readonly others: string[];
  readonly unreadable: TreeProblem[];
  /** Real paths of the folders already walked. */
  readonly seen: Set<string>;
  readonly linkedFolders: string[];
  readonly signal: AbortSignal | undefined;
}

export async function listFiles(root: string, signal?: AbortSignal): Promise<ListedFiles> {
  const walk: Walk = {
    root,
    images: [],
    others: [],
    unreadable: [],
    seen: new Set(),
    linkedFolders: [],
    signal,
  };
  await walkFolder(walk, '');
  // Links come last, so that a folder is known by its own name where it has one inside the source.
  for (let link = walk.linkedFolders.shift(); link !== undefined; link = walk.linkedFolders.shift()) {
    await walkFolder(walk, link);
  }
  walk.images.sort(compareNaturally);
  walk.others.sort(compareNaturally);
  return { images: walk.images, others: walk.others, unreadable: walk.unreadable };
}

async function walkFolder(walk: Walk, path: string): Promise<void> {
  throwIfCancelled(walk.signal);
  let entries: Dirent[];
  try {
    const real = await realpath(join(walk.root, path));
    if (walk.seen.has(real)) return;
    walk.seen.add(real);
    entries = await readdir(real, { withFileTypes: true });
  } catch (cause) {
    walk.unreadable.push({ path, reason: 'unreadable', detail: reasonOf(cause) });
    return;
  }
  for (const entry of entries) {
    if (isPassedOver(entry.name)) continue;
    await visit(walk, path === '' ? entry.name : `${path}/${entry.name}`, entry);
  }
}

async function visit(walk: Walk, path: string, entry: Dirent): Promise<void> {
  if (entry.isDirectory()) return walkFolder(walk, path);
  if (entry.isFile()) return addFile(walk, path);
  // Sockets, pipes and devices are no images and must not be opened: reading one may never end.
  if (!entry.isSymbolicLink()) return void walk.others.push(path);
  try {
    const target = await stat(join(walk.root, path));
    if (target.isDirectory()) walk.linkedFolders.push(path);
    else if (target.isFile()) await addFile(walk, path);
    else walk.others.push(path);
  } catch (cause) {
    walk.unreadable.push({ path, reason: 'unreadable', detail: `a link to nowhere (${reasonOf(cause)})` });
  }
}

async function addFile(walk: Walk, path: string): Promise<void> {
  const isImage =
    hasImageExtension(path) || (extensionOf(path) === '' && (await startsLikeImage(walk, path)));
  (isImage ? walk.images : walk.others).push(path);
}

async function startsLikeImage(walk: Walk, path: string): Promise<boolean> {
  try {
    const file = await open(join(walk.root, path));
    try {
      const head = new Uint8Array(SNIFF_BYTES);
      const { bytesRead } = await file.read(head, 0, SNIFF_BYTES, 0);
      return sniffImageFormat(head.subarray(0, bytesRead)) !== null;
    } finally {
      await file.close();
    }
  } catch {
    // Whoever reads it in earnest finds out why.
    return false;
  }
}

/** Hidden files, what operating systems leave behind, and Whence's own projects. */
export function isPassedOver(name: string): boolean {
  return name.startsWith('.') || LEFT_BY_SYSTEMS.has(name.toLowerCase()) || name.endsWith('.whence');
}

function reasonOf(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it';
  if (code === 'ELOOP') return 'links that lead to each other';
  if (code === 'ENOENT') return 'it is not there';
  return cause instanceof Error ? cause.message : String(cause);
}
