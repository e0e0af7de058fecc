/**
 * @file What zips and tars have in common: a list of entries, each with a name that a stranger wrote.
 *
 * [Note: Names in archives] Nothing is written to disk under these names; they only tell images apart and name classes. Still, a
 * name that points out of the archive is a sign of harm or of a broken writer, so it is listed as a problem and its content left
 * alone: absolute paths, drive letters, '..', control characters. '\' is read as '/', as Windows programs write it. Of two
 * entries with one name the first counts.
 */
import { hasImageExtension } from '../formats/image-format.ts';
import { notThere, type FileTree, type ListedFiles, type StoredFile, type TreeProblem } from './file-tree.ts';
import { compareNaturally, isPassedOver } from './list-files.ts';

export interface ArchiveEntry {
  /** As it stands in the archive. */
  readonly name: string;
  /** null: not a file that can be read, for this reason. */
  readonly refusal: Pick<TreeProblem, 'reason' | 'detail'> | null;
  readonly open: () => StoredFile;
}

const LONGEST_NAME = 4096;

export function archiveTree(
  container: 'zip' | 'tar',
  path: string,
  entries: readonly ArchiveEntry[],
): FileTree {
  const byPath = new Map<string, ArchiveEntry>();
  const problems: TreeProblem[] = [];
  for (const entry of entries) {
    const safe = safePath(entry.name);
    if (typeof safe !== 'string') problems.push({ path: printable(entry.name), ...safe });
    else if (safe === '' || safe.split('/').some(isPassedOver)) continue;
    else if (entry.refusal !== null) problems.push({ path: safe, ...entry.refusal });
    else if (byPath.has(safe))
      problems.push({
        path: safe,
        reason: 'unreadable',
        detail: 'a second entry of this name; the first counts',
      });
    else byPath.set(safe, entry);
  }
  return {
    container,
    path,
    list: () => Promise.resolve(sortOut([...byPath.keys()], problems)),
    file: async (name) => {
      const entry = byPath.get(name);
      if (entry === undefined) throw notThere(`${path}/${name}`);
      return Promise.resolve(entry.open());
    },
  };
}

function sortOut(paths: string[], unreadable: readonly TreeProblem[]): ListedFiles {
  const sorted = paths.sort(compareNaturally);
  return {
    images: sorted.filter(hasImageExtension),
    others: sorted.filter((path) => !hasImageExtension(path)),
    unreadable,
  };
}

/** The path below the archive; '' for a folder. See [Note: Names in archives]. */
export function safePath(name: string): string | Pick<TreeProblem, 'reason' | 'detail'> {
  const path = name.replaceAll('\\', '/');
  const refuse = (detail: string): Pick<TreeProblem, 'reason' | 'detail'> => ({
    reason: 'unsafe-path',
    detail,
  });
  if (path.length > LONGEST_NAME) return refuse(`a name of ${path.length} characters`);
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) return refuse('its name holds control characters');
  if (/^(\/|[a-z]:)/i.test(path)) return refuse('its name is an absolute path');
  const parts = path.split('/').filter((part) => part !== '.' && part !== '');
  if (parts.includes('..')) return refuse('its name leads out of the archive');
  return path.endsWith('/') ? '' : parts.join('/');
}

function printable(name: string): string {
  // eslint-disable-next-line no-control-regex -- these are what is replaced
  return name.slice(0, 200).replace(/[\u0000-\u001f\u007f]/g, '\uFFFD') || '\uFFFD';
}
