/** @file A report as PDF, by the app's own Chromium: tagged, with page numbers and an outline. The page that prints it sees nothing but the report. */
import { createHash } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { BrowserWindow, session, type Session } from 'electron';
import { AppError } from '../core/base/app-error.ts';
import type { WrittenReport } from '../contract/reports-service.ts';

/** Printed at the foot of each page, in the margin that the report leaves. */
const FOOTER =
  '<div style="width:100%;padding:0 16mm;font:10px sans-serif;color:#5f686c;text-align:right"><span class="pageNumber"></span> / <span class="totalPages"></span></div>';

/** Writes `html` as PDF. Throws `report-write-failed`. */
export async function printReport(html: string, target: string): Promise<Omit<WrittenReport, 'draft'>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'whence-print-'));
  try {
    const page = path.join(folder, 'report.html');
    await writeFile(page, html);
    const bytes = await print(page);
    await writeWhole(target, bytes);
    return { path: target, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function print(page: string): Promise<Buffer> {
  const address = pathToFileURL(page).href;
  const apart = session.fromPartition('print', { cache: false });
  refuseAllBut(apart, address);
  const window = new BrowserWindow({
    show: false,
    webPreferences: {
      session: apart,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      javascript: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  try {
    await window.loadURL(address);
    return await window.webContents.printToPDF({
      generateTaggedPDF: true,
      generateDocumentOutline: true,
      displayHeaderFooter: true,
      headerTemplate: '<span></span>',
      footerTemplate: FOOTER,
      preferCSSPageSize: true,
      printBackground: true,
    });
  } finally {
    window.destroy();
  }
}

function refuseAllBut(apart: Session, address: string): void {
  apart.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  apart.webRequest.onBeforeRequest((details, decide) =>
    decide({ cancel: details.url !== address && !details.url.startsWith('data:') }),
  );
}

async function writeWhole(target: string, bytes: Buffer): Promise<void> {
  const partial = `${target}.partial`;
  try {
    await writeFile(partial, bytes);
    await rename(partial, target);
  } catch (cause) {
    await rm(partial, { force: true });
    throw new AppError('report-write-failed', { path: target, reason: (cause as Error).message }, { cause });
  }
}
