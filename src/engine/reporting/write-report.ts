/** @file A report of a case of a project, as it leaves the house. */
import { basename, resolve } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { CaseFile } from '../../contract/cases-service.ts';
import type { WriteReport, WrittenReport } from '../../contract/reports-service.ts';
import type { CaseId } from '../../contract/vocabulary.ts';
import { writeFileWhole } from '../artifacts/write-file-whole.ts';
import { readCase } from '../cases/read-case.ts';
import { chainEvents, type ChainedEvents } from '../exporting/event-chain.ts';
import { listCaseEvents } from '../storage/cases.ts';
import type { Connection } from '../storage/connection.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { listTrainingImages } from '../storage/training-images.ts';
import { buildReport, draftReason } from './build-report.ts';
import { makeBundle } from './bundle.ts';
import { sha256 } from './checksums.ts';
import { makeCodeNames, type CodeName } from './code-names.ts';
import { gatherMaterials } from './gather-materials.ts';
import { redactCase, redactEvents, redactMaterials } from './redact-names.ts';
import { renderReport } from './render-report.ts';
import type { ReportInput } from './report-input.ts';

export interface ReportWriter {
  readonly writtenBy: string;
  readonly writtenAt: string;
  /** Where the signing key lies. */
  readonly homePath: string;
}

export interface PreparedReport {
  readonly input: ReportInput;
  /** Empty where the case uses none. */
  readonly codes: readonly CodeName[];
}

/** Everything of the case, with code names in the place of names where the case uses them. */
export async function prepareReport(
  folder: ProjectFolder,
  caseId: CaseId,
  { writtenAt, writtenBy }: Pick<ReportWriter, 'writtenAt' | 'writtenBy'>,
  signal?: CancelSignal,
): Promise<PreparedReport> {
  const caseFile = readCase(folder.connection, caseId);
  const materials = await gatherMaterials(folder, caseFile, signal);
  const codes = codeNamesOf(folder.connection, caseFile);
  const chain = chainCase(folder.connection, caseFile, codes);
  if (!caseFile.codeNames) return { input: { caseFile, materials, chain, writtenAt, writtenBy }, codes };
  return {
    input: {
      caseFile: redactCase(caseFile, codes),
      materials: redactMaterials(materials, codes),
      chain,
      writtenAt,
      writtenBy,
    },
    codes,
  };
}

export function codeNamesOf(connection: Connection, caseFile: CaseFile): CodeName[] {
  return caseFile.codeNames ? makeCodeNames(caseFile, listCaseEvents(connection, caseFile.id)) : [];
}

/** The case's events, as they stand in a bundle. */
export function chainCase(
  connection: Connection,
  { id, codeNames }: CaseFile,
  codes: readonly CodeName[],
): ChainedEvents {
  const events = listCaseEvents(connection, id);
  return chainEvents(codeNames ? redactEvents(events, codes, listTrainingImages(connection)) : events);
}

/** Throws `report-key-needed`, `report-pdf-needs-window` and `report-write-failed`. */
export async function writeReport(
  folder: ProjectFolder,
  request: WriteReport,
  writer: ReportWriter,
  signal?: CancelSignal,
): Promise<WrittenReport> {
  if (request.form === 'pdf') throw new AppError('report-pdf-needs-window');
  const { input, codes } = await prepareReport(folder, request.caseId, writer, signal);
  if (input.caseFile.codeNames && request.keyPath === null) throw new AppError('report-key-needed');
  const bytes =
    request.form === 'html'
      ? new TextEncoder().encode(renderReport(buildReport(input)))
      : makeBundle(input, request.sign ? writer.homePath : null).zip;
  const path = resolve(request.path);
  const hash = sha256(bytes);
  if (input.caseFile.codeNames)
    writeFile(resolve(request.keyPath!), codeNameKey(input, codes, { file: basename(path), sha256: hash }));
  writeFile(path, bytes);
  return { path, bytes: bytes.length, sha256: hash, draft: draftReason(input.caseFile) !== null };
}

/** Whose the code names are; never part of what leaves the house. */
function codeNameKey({ caseFile }: ReportInput, codes: readonly CodeName[], of: object): Uint8Array {
  const document = {
    what: 'Key to the code names of a report. Keep it apart from the report.',
    case: caseFile.id,
    report: of,
    codes,
  };
  return new TextEncoder().encode(`${JSON.stringify(document, null, 2)}\n`);
}

function writeFile(path: string, bytes: Uint8Array): void {
  try {
    writeFileWhole(path, [bytes]);
  } catch (cause) {
    throw new AppError('report-write-failed', { path, reason: (cause as Error).message }, { cause });
  }
}
