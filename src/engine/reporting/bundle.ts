/** @file A report with all that it rests on, as files by name: what is handed over, and what `verify` holds the project against years later. */
import type { CaseFile } from '../../contract/cases-service.ts';
import { disarmPath, formatRows } from '../exporting/csv-rows.ts';
import { buildReport, draftReason } from './build-report.ts';
import { BUNDLE_FORMAT, type BundleConfig } from './bundle-config.ts';
import { type BundleFiles, encodeBundle } from './bundle-zip.ts';
import { writeChecksums } from './checksums.ts';
import { bundleReadme } from './bundle-readme.ts';
import { renderReport } from './render-report.ts';
import type { ReportInput } from './report-input.ts';
import type { ReportMaterials, ReportPicture } from './report-materials.ts';
import { copiesTable, groupsTable, influenceTable } from './score-tables.ts';
import { signBytes, type PublicKey } from './signing.ts';

export interface Bundle {
  readonly zip: Uint8Array;
  /** null: it is not signed. */
  readonly signedBy: PublicKey | null;
}

/** Names that `verify` looks for. */
export const bundleNames = {
  config: 'config.json',
  events: 'events.jsonl',
  manifest: 'manifest.csv',
  report: 'report.html',
  checksums: 'SHA256SUMS',
  signature: 'SHA256SUMS.sig',
  publicKey: 'signing-key.pem',
} as const;

/** `keyHome`: where the signing key lies; null: unsigned. */
export function makeBundle(input: ReportInput, keyHome: string | null): Bundle {
  const files = new Map(bundleFiles(input));
  // The key is made before the sums, which cover it.
  const key = keyHome === null ? null : signBytes(keyHome, new Uint8Array()).key;
  if (key !== null) files.set(bundleNames.publicKey, utf8(key.pem));
  files.set('README.txt', utf8(bundleReadme(key)));
  const checksums = utf8(writeChecksums(files));
  files.set(bundleNames.checksums, checksums);
  if (keyHome !== null) files.set(bundleNames.signature, utf8(signBytes(keyHome, checksums).signature));
  return { zip: encodeBundle(files), signedBy: key };
}

function bundleFiles(input: ReportInput): BundleFiles {
  const { caseFile, materials, chain } = input;
  return new Map<string, Uint8Array>([
    [bundleNames.report, utf8(renderReport(buildReport(input)))],
    [bundleNames.config, json(bundleConfig(input))],
    [bundleNames.events, utf8(chain.lines.map((line) => `${line}\n`).join(''))],
    [bundleNames.manifest, utf8(manifestTable(materials))],
    ['case.json', json(caseFile)],
    ['environment.json', json(materials.environment)],
    ['scores/copies.csv', utf8(copiesTable(caseFile))],
    ['scores/influence.csv', utf8(influenceTable(caseFile))],
    ['scores/groups.csv', utf8(groupsTable(caseFile))],
    ...exhibitFiles(caseFile, materials),
  ]);
}

function bundleConfig({ caseFile, materials, chain, writtenAt, writtenBy }: ReportInput): BundleConfig {
  return {
    format: BUNDLE_FORMAT,
    version: 1,
    writtenAt,
    writtenBy,
    draft: draftReason(caseFile),
    case: { id: caseFile.id, name: caseFile.name, codeNames: caseFile.codeNames },
    projectName: materials.projectName,
    chain: { events: chain.lines.length, head: chain.head },
    queries: materials.queries.map(({ id, sha256 }) => ({ id, sha256 })),
    models: materials.models.map(({ id, files }) => ({ id, files: [...files] })),
    runs: materials.runs.map((run) => ({ ...run, versions: { ...run.versions } })),
  };
}

function manifestTable({ images }: ReportMaterials): string {
  return formatRows([
    ['id', 'path', 'split', 'bytes', 'sha256', 'missing'],
    ...images.map(({ id, path, split, bytes, sha256, isMissing }) => [
      String(id),
      disarmPath(path),
      split,
      String(bytes),
      sha256,
      isMissing ? 'yes' : 'no',
    ]),
  ]);
}

function exhibitFiles({ exhibits }: CaseFile, { pictures }: ReportMaterials): [string, Uint8Array][] {
  return exhibits.flatMap(({ number, queryId, sampleId }) => {
    const shown: [string, ReportPicture | undefined][] = [
      ['query', pictures.queries.get(queryId)],
      ['training-image', sampleId === null ? undefined : pictures.samples.get(sampleId)],
      ['difference', sampleId === null ? undefined : pictures.differences.get(`${queryId}:${sampleId}`)],
    ];
    return shown.flatMap(([what, picture]): [string, Uint8Array][] =>
      picture === undefined
        ? []
        : [
            [
              `exhibits/${String(number).padStart(3, '0')}-${what}.${picture.type === 'image/png' ? 'png' : 'jpg'}`,
              picture.bytes,
            ],
          ],
    );
  });
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function json(document: unknown): Uint8Array {
  return utf8(`${JSON.stringify(document, null, 2)}\n`);
}
