/**
 * @file One row of a manifest: what an import reads back (path, label, split, tags, imported columns), and one row of a table of
 * label issues in the columns of cleanlab.
 */
import { join } from 'node:path';
import type { LabelRow } from '../storage/label-export.ts';
import { disarmPath, disarmText, formatRows } from './csv-rows.ts';

/** Cells in the order of the columns; null: nothing. */
export type ManifestCells = readonly (string | null)[];

/** Between tags in one cell. */
export const TAG_SEPARATOR = ' | ';
const OWN: readonly string[] = ['path', 'label', 'split'];

/** Names of the columns and how a row fills them. */
export class ManifestColumns {
  readonly names: readonly string[];
  readonly #imported: readonly string[];
  readonly #hasTags: boolean;

  /** An imported column that is called like one of ours gets 'imported ' in front. */
  constructor(imported: readonly string[], hasTags: boolean, pathName = 'path') {
    const own = [pathName, ...OWN.slice(1), ...(hasTags ? ['tags'] : [])];
    this.names = [...own, ...imported.map((name) => (own.includes(name) ? `imported ${name}` : name))];
    this.#imported = imported;
    this.#hasTags = hasTags;
  }

  /** `path`: how the file calls the image. */
  cells(row: LabelRow, path: string): ManifestCells {
    const tags = row.tags.length === 0 ? null : row.tags.join(TAG_SEPARATOR);
    return [
      ...[path, row.corrected, row.split, ...(this.#hasTags ? [tags] : [])],
      ...this.#imported.map((name) => row.cells.get(name) ?? null),
    ];
  }

  /** Without the cells that say nothing. */
  toObject(cells: ManifestCells): Record<string, string> {
    return Object.fromEntries(
      this.names.flatMap((name, index) => {
        const cell = cells[index] ?? null;
        return cell === null ? [] : [[name, cell] as const];
      }),
    );
  }
}

/** Relative to the source; absolute where a project has several, which may hold equal paths. */
export function exportedPath(row: LabelRow, hasManySources: boolean): string {
  return hasManySources ? join(row.sourceRoot, row.path) : row.path;
}

export function manifestCsv(rows: readonly ManifestCells[]): string {
  return formatRows(
    rows.map(([path, ...others]) => [
      disarmPath(path!),
      ...others.map((cell) => (cell === null ? null : disarmText(cell))),
    ]),
  );
}

export const ISSUE_COLUMNS = [
  'path',
  'is_label_issue',
  'label_score',
  'given_label',
  'predicted_label',
] as const;

/** As cleanlab writes them: the score is that of the label's quality, so low means suspicious; nothing where it was not ranked. */
export function issuesCsv(rows: readonly LabelRow[], hasManySources: boolean): string {
  const text = (label: string | null): string | null => (label === null ? null : disarmText(label));
  return formatRows(
    rows.map((row) => [
      disarmPath(exportedPath(row, hasManySources)),
      row.flagged === 1 ? 'True' : 'False',
      row.score === null ? null : 1 - row.score,
      text(row.given),
      text(row.suggested),
    ]),
  );
}
