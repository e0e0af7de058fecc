/** @file How each format of one file is written: what stands before the rows, page after page of rows, what stands behind them. */
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ExportFormat } from '../../contract/export-formats.ts';
import type { LabelRow } from '../storage/label-export.ts';
import { formatRows } from './csv-rows.ts';
import { csvHeader, toCsv, toJsonLines, toNames, toRecord } from './label-record.ts';
import { exportedPath, ISSUE_COLUMNS, issuesCsv, ManifestColumns, manifestCsv } from './manifest-record.ts';

type Piece = string | Uint8Array;

export interface FileFormat {
  readonly begin: () => Piece;
  readonly rows: (page: readonly LabelRow[]) => Piece;
  readonly end: () => Piece;
}

/** What a project's files have in common. */
export interface ExportFacts {
  /** Columns of imported tables. */
  readonly columnNames: readonly string[];
  readonly hasManySources: boolean;
  readonly hasTags: boolean;
}

export type SingleFileFormat = Exclude<ExportFormat, 'class-folders' | 'hf-folder' | 'coco'>;

const nothing = (): string => '';

export const fileFormats: Readonly<Record<SingleFileFormat, (facts: ExportFacts) => FileFormat>> = {
  csv: ({ columnNames, hasManySources }) => ({
    begin: () => csvHeader(columnNames),
    rows: (page) =>
      toCsv(
        page.map((row) => toRecord(row, hasManySources)),
        columnNames,
      ),
    end: nothing,
  }),
  jsonl: ({ hasManySources }) => ({
    begin: nothing,
    rows: (page) => toJsonLines(page.map((row) => toRecord(row, hasManySources))),
    end: nothing,
  }),
  names: ({ hasManySources }) => ({
    begin: nothing,
    rows: (page) => toNames(page.map((row) => ({ path: exportedPath(row, hasManySources) }))),
    end: nothing,
  }),
  'manifest-csv': (facts) => {
    const { columns, cells } = manifestOf(facts);
    return {
      begin: () => manifestCsv([columns.names]),
      rows: (page) => manifestCsv(page.map(cells)),
      end: nothing,
    };
  },
  'manifest-jsonl': (facts) => {
    const { columns, cells } = manifestOf(facts);
    return {
      begin: nothing,
      rows: (page) => page.map((row) => `${JSON.stringify(columns.toObject(cells(row)))}\n`).join(''),
      end: nothing,
    };
  },
  'manifest-parquet': parquetManifest,
  issues: ({ hasManySources }) => ({
    begin: () => formatRows([ISSUE_COLUMNS]),
    rows: (page) => issuesCsv(page, hasManySources),
    end: nothing,
  }),
};

function manifestOf({ columnNames, hasTags, hasManySources }: ExportFacts) {
  const columns = new ManifestColumns(columnNames, hasTags);
  return {
    columns,
    cells: (row: LabelRow) => columns.cells(row, exportedPath(row, hasManySources)),
  };
}

/** One group of rows a page; all columns are texts. */
function parquetManifest(facts: ExportFacts): FileFormat {
  const { columns, cells } = manifestOf(facts);
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer,
    createdBy: 'Whence',
    schema: [
      { name: 'root', num_children: columns.names.length },
      ...columns.names.map(
        (name) =>
          ({ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' }) as const,
      ),
    ],
  });
  const drain = (): Uint8Array => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  return {
    begin: drain,
    rows: (page) => {
      const rows = page.map(cells);
      const columnData = columns.names.map((name, index) => ({
        name,
        data: rows.map((row) => row[index] ?? null),
      }));
      void parquet.write({ columnData, rowGroupSize: Math.max(1, rows.length) });
      return drain();
    },
    end: () => {
      void parquet.finish();
      return drain();
    },
  };
}
