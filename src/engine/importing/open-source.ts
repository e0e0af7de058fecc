/** @file Finds out what kind of source a path is, and lists its images with what is said of them. Decodes none. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Confidence, SourceChoices, SourceKind } from '../../contract/imports-service.ts';
import { AppError } from '../../core/base/app-error.ts';
import { hasUnreadImageExtension } from '../formats/image-format.ts';
import type { FileTree, ListedFiles } from '../sources/file-tree.ts';
import { folderTree } from '../sources/folder-tree.ts';
import { isArchiveName, openTree } from '../sources/open-tree.ts';
import type { FoundProblem } from '../storage/imports.ts';
import { sourceKinds } from './source-kinds.ts';
import { problemOf, type Listing, type Recognition, type SourceLook } from './source-look.ts';

export interface Source extends Listing {
  readonly kind: SourceKind;
  readonly container: FileTree['container'];
  readonly confidence: Confidence;
  readonly alternatives: readonly SourceKind[];
  /** What was chosen, by which the source is known again. */
  readonly path: string;
  /** What the paths of its images are relative to. */
  readonly root: string;
  /** Below these nothing is known: images that were there stay as they were. */
  readonly closed: readonly string[];
}

const confidences: readonly Confidence[] = ['certain', 'likely', 'guess'];

/** These tables speak for the folder that they lie in. */
const FOLDER_TABLES: readonly string[] = ['labels.csv', 'metadata.csv', 'metadata.jsonl'];

/** Throws `source-…` errors. */
export async function openSource(choices: SourceChoices, signal?: AbortSignal): Promise<Source> {
  const look = await lookAt(choices, signal);
  const path = resolve(choices.sourcePath);
  const found: Recognition[] = [];
  for (const recognise of sourceKinds) {
    const recognition = await recognise(look);
    if (recognition !== null) found.push(recognition);
  }
  found.sort((a, b) => confidences.indexOf(a.confidence) - confidences.indexOf(b.confidence));
  const chosen = choices.layout === undefined ? found[0] : found.find(({ kind }) => kind === choices.layout);
  if (chosen === undefined) throw refusal(path, choices, found);
  const listing = await chosen.list();
  if (listing.images.length === 0 && look.only === null) throw refusal(path, {}, []);
  return toSource(path, look, chosen, found, listing);
}

async function lookAt(choices: SourceChoices, signal: AbortSignal | undefined): Promise<SourceLook> {
  const path = resolve(choices.sourcePath);
  const found = await stat(path).catch((cause: unknown) => {
    throw new AppError('source-not-found', { path }, { cause: cause as Error });
  });
  const name = basename(path);
  if (found.isFile() && FOLDER_TABLES.includes(name.toLowerCase()) && choices.imageRoot === undefined)
    return lookAt({ ...choices, sourcePath: dirname(path) }, signal);
  if (found.isFile() && !isArchiveName(path)) return lookAtFile(path, choices, signal);
  const tree = await openTree(path, signal);
  const files = await tree.list(signal);
  if (files.unreadable.some((entry) => entry.path === '')) throw new AppError('source-not-found', { path });
  return { tree, files, only: null, choices, signal };
}

/** A single file, and what its name says that it may need beside it. */
async function lookAtFile(
  path: string,
  choices: SourceChoices,
  signal: AbortSignal | undefined,
): Promise<SourceLook> {
  const name = basename(path);
  const root = choices.imageRoot === undefined ? dirname(path) : resolve(choices.imageRoot);
  // A tar that is compressed as a whole says so here.
  await openTree(path, signal);
  const folder = await stat(root).catch(() => null);
  if (folder === null || !folder.isDirectory()) throw new AppError('source-not-found', { path: root });
  const tree = withFile(folderTree(root), name, path);
  const siblings = /idx\d[-._]ubyte/i.test(name)
    ? (await folderTree(dirname(path)).list(signal)).others
    : [name];
  return { tree, files: { images: [], others: siblings, unreadable: [] }, only: name, choices, signal };
}

/** The tree with this file of another place in it. */
function withFile(tree: FileTree, name: string, path: string): FileTree {
  if (join(tree.path, name) === path) return tree;
  const own = folderTree(dirname(path));
  return { ...tree, file: (wanted) => (wanted === name ? own.file(name) : tree.file(wanted)) };
}

function refusal(path: string, { layout }: Partial<SourceChoices>, found: readonly Recognition[]): AppError {
  if (layout === undefined || found.length === 0) return new AppError('source-no-images', { path });
  const possible = found.map(({ kind }) => kind).join(', ');
  return new AppError('source-layout-impossible', { path, layout, possible });
}

function toSource(
  path: string,
  { tree, files, only }: SourceLook,
  chosen: Recognition,
  found: readonly Recognition[],
  listing: Listing,
): Source {
  const { kind, confidence } = chosen;
  // A table that speaks for its folder is known by the folder.
  const sourcePath = listing.path ?? (only === null ? tree.path : path);
  return {
    ...listing,
    ...{ kind, confidence, container: tree.container, path: sourcePath },
    root: kind === 'idx' ? sourcePath : tree.path,
    alternatives: found.flatMap((other) => (other.kind === kind ? [] : [other.kind])),
    closed: [...files.unreadable.map((entry) => entry.path), ...(listing.closed ?? [])],
    problems: [...plainProblems(files, listing), ...listing.problems],
  };
}

/** Problems that need no look inside a file. */
function plainProblems({ unreadable }: ListedFiles, { others }: Listing): FoundProblem[] {
  return [
    ...unreadable.map(({ path, reason, detail }) => problemOf(path, reason, detail)),
    ...others.map((path) =>
      hasUnreadImageExtension(path)
        ? problemOf(path, 'unsupported', 'this format is not read; convert it to PNG or JPEG')
        : problemOf(path, 'not-an-image', 'the name is not that of an image'),
    ),
  ];
}
