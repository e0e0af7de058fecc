/**
 * @file From what a table calls an image to a file of the tree. A name never leads out of the tree: absolute paths count where
 * they lie in it, '..' where it stays in it; addresses of the web are not followed.
 */
import { basename, posix } from 'node:path';
import { mapConcurrently } from '../../images/map-concurrently.ts';
import type { FileTree } from '../../sources/file-tree.ts';

export type LocatedImage =
  | { readonly kind: 'found'; readonly path: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly detail: string };

const STATS_AT_ONCE = 32;

/** './images\\1.png' and 'images/1.png' are one file. */
export function normalisePath(path: string): string {
  return path.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
}

/** Below the tree, without a look at whether it is there. `folder`: that of the table, below the tree. */
export function pathInTree(
  tree: FileTree,
  folder: string,
  name: string,
): string | { readonly detail: string } {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(name) && !/^file:/i.test(name))
    return { detail: 'an address of the web; only files are read' };
  const plain = normalisePath(name.replace(/^file:\/\/(localhost)?/i, ''));
  const root = normalisePath(tree.path).replace(/\/$/, '');
  const isAbsolute = /^(\/|[a-z]:\/)/i.test(plain);
  if (isAbsolute && !plain.startsWith(`${root}/`))
    return { detail: `it lies outside of ${tree.path}; say which folder holds the images (image root)` };
  const path = isAbsolute ? posix.normalize(plain.slice(root.length + 1)) : posix.join(folder, plain);
  if (path === '..' || path.startsWith('../'))
    return { detail: `it leads out of ${tree.path}; say which folder holds the images (image root)` };
  return path;
}

/** Finds images by the names that tables give them. */
export class ImagePaths {
  readonly #tree: FileTree;
  /** null: no list was made; every file is looked at. */
  readonly #listed: ReadonlyMap<string, string> | null;
  readonly #byName: ReadonlyMap<string, string | null>;
  readonly #seen = new Map<string, string | null>();

  constructor(tree: FileTree, images: readonly string[] | null) {
    this.#tree = tree;
    this.#listed = images === null ? null : new Map(images.map((path) => [path.normalize('NFC'), path]));
    this.#byName = namesOf(images ?? []);
  }

  /** In the order of `names`. */
  locate(folder: string, names: readonly string[]): Promise<LocatedImage[]> {
    return mapConcurrently(names, STATS_AT_ONCE, (name) => this.#locate(folder, name));
  }

  async #locate(folder: string, name: string): Promise<LocatedImage> {
    const path = pathInTree(this.#tree, folder, name);
    if (typeof path !== 'string') return { kind: 'refused', ...path };
    const found = (await this.#find(path)) ?? (folder === '.' ? null : await this.#find(normalisePath(name)));
    // A bare name may stand for the one image of that name, wherever it lies.
    const namesake = name.includes('/') ? null : this.#byName.get(name.normalize('NFC'));
    const chosen = found ?? namesake ?? null;
    return chosen === null ? { kind: 'absent' } : { kind: 'found', path: chosen };
  }

  async #find(path: string): Promise<string | null> {
    if (this.#listed !== null) return this.#listed.get(path.normalize('NFC')) ?? null;
    const seen = this.#seen.get(path);
    if (seen !== undefined) return seen;
    const forms = [...new Set([path, path.normalize('NFC'), path.normalize('NFD')])];
    for (const form of forms)
      if (await this.#isThere(form)) {
        this.#seen.set(path, form);
        return form;
      }
    this.#seen.set(path, null);
    return null;
  }

  async #isThere(path: string): Promise<boolean> {
    try {
      await this.#tree.file(path);
      return true;
    } catch {
      return false;
    }
  }
}

/** Image by its bare name, with and without extension; null: there are several. */
function namesOf(images: readonly string[]): Map<string, string | null> {
  const byName = new Map<string, string | null>();
  const note = (name: string, path: string): void => {
    const known = byName.get(name);
    byName.set(name, known === undefined || known === path ? path : null);
  };
  for (const path of images) {
    const name = basename(path).normalize('NFC');
    note(name, path);
    note(name.replace(/\.[^.]+$/, ''), path);
  }
  return byName;
}
