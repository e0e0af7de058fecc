/** @file What a kind of source is asked, and what it answers. Each kind is one module of `kinds`; `source-kinds.ts` lists them. */
import type { Confidence, SourceChoices, SourceKind, TableGuess } from '../../contract/imports-service.ts';
import type { Split } from '../../contract/vocabulary.ts';
import type { FileTree, ListedFiles } from '../sources/file-tree.ts';
import type { ColumnCells } from '../storage/columns.ts';
import type { FoundProblem } from '../storage/imports.ts';

/** A first look: which files there are. Nothing of them has been read. */
export interface SourceLook {
  readonly tree: FileTree;
  readonly files: ListedFiles;
  /** The one file that was chosen, below the tree; null: all of them. */
  readonly only: string | null;
  readonly choices: SourceChoices;
  readonly signal: AbortSignal | undefined;
}

export interface ListedImage {
  /** Relative to the tree. */
  readonly path: string;
  readonly label: string | null;
  readonly split: Split;
  /** What is said of it beside label and split. */
  readonly cells?: ColumnCells;
}

/** Everything that a source says of its images, before one is decoded. */
export interface Listing {
  readonly images: readonly ListedImage[];
  /** Files that say nothing of the images. */
  readonly others: readonly string[];
  /** What is known to be wrong already. */
  readonly problems: readonly FoundProblem[];
  /** Paths below which nothing is known: images that were there stay as they were. */
  readonly closed?: readonly string[];
  readonly table?: TableGuess;
  /** Where the source turned out to lie deeper, or to be another file of a pair. */
  readonly path?: string;
}

export interface Recognition {
  readonly kind: SourceKind;
  readonly confidence: Confidence;
  readonly list: () => Promise<Listing>;
}

/** null: it is not of this kind. */
export type RecogniseSource = (look: SourceLook) => Promise<Recognition | null> | Recognition | null;

export function problemOf(path: string, reason: FoundProblem['reason'], detail: string): FoundProblem {
  return { path, reason, detail, bytes: null };
}
