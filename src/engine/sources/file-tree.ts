/**
 * @file Files by relative path, wherever they lie: in a folder, a zip or a tar. Nothing is unpacked to disk: an archive's files
 * are read where they are, so no name in it can lead to another place of this machine.
 */

/** One file of a tree. */
export interface StoredFile {
  /** For messages: a path that a person can find. */
  readonly name: string;
  readonly bytes: number;
  /** Of an archive's file: when the archive was changed. */
  readonly modifiedMs: number;
  /** `length` bytes from `from` on; fewer where the file ends. */
  readonly read: (from: number, length: number) => Promise<Uint8Array<ArrayBuffer>>;
  readonly stream: () => AsyncIterable<Uint8Array>;
}

/** Why a part of a source is passed over; a row of the problem list. */
export interface TreeProblem {
  readonly path: string;
  readonly reason: 'unreadable' | 'unsafe-path' | 'unsupported' | 'too-large';
  readonly detail: string;
}

export interface ListedFiles {
  /** What is tried as an image: by extension, or by content where a name has none. '/' separated, in natural order. */
  readonly images: readonly string[];
  readonly others: readonly string[];
  /** What could not be looked into. Nothing is known about the files under these paths. */
  readonly unreadable: readonly TreeProblem[];
}

export interface FileTree {
  readonly container: 'folder' | 'zip' | 'tar';
  /** Of the folder or archive. */
  readonly path: string;
  readonly list: (signal?: AbortSignal) => Promise<ListedFiles>;
  /** Rejects with an `ENOENT` error where there is none. */
  readonly file: (path: string) => Promise<StoredFile>;
}

/** The whole content. The caller has looked at `bytes` before. */
export function readWhole(file: StoredFile): Promise<Uint8Array<ArrayBuffer>> {
  return file.read(0, file.bytes);
}

/** The error that Node gives for a file that is not there. */
export function notThere(name: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`ENOENT: no such file: ${name}`), { code: 'ENOENT' });
}
