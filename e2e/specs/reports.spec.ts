/** @file A report as it leaves the house: a page that opens with the network off, and a PDF that a screen reader can read. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from '@playwright/test';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { violations } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';
import { callFromPage } from '../page-calls.ts';
import { screenshotPath } from '../places.ts';

test('a report opens anywhere without a network, and prints as a tagged PDF', async ({
  whence,
  desktop,
  workspace,
  analysedProject,
}) => {
  await whence.start(analysedProject);
  await expect(whence.engineNotice()).toBeHidden();
  const engine = <Result>(service: string, name: string, request: unknown): Promise<Result> =>
    callFromPage<Result>(desktop.page, { port: 'engine-port', service, name, request });
  const caseId = await engine<number>('cases', 'open', {
    name: 'The heron',
    question: 'Where is it from? <b>Copied?</b>',
  });
  const { html } = await engine<{ html: string }>('reports', 'preview', { caseId });

  const file = path.join(workspace, 'report.html');
  await writeFile(file, html);
  const executablePath = process.env['WHENCE_BROWSER'];
  const browser = await chromium.launch(executablePath === undefined ? {} : { executablePath });
  const context = await browser.newContext({ offline: true, viewport: { width: 1100, height: 900 } });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(pathToFileURL(file).href);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Report of a copyright case');
  await expect(page.getByText('Draft.', { exact: true })).toBeVisible();
  await expect(page.getByText('<b>Copied?</b>')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([pathToFileURL(file).href]);
  expect(complaints).toEqual([]);
  await page.screenshot({ path: path.join(screenshotPath, 'desktop-Report.png'), fullPage: true });
  await browser.close();

  const target = path.join(workspace, 'report.pdf');
  const written = await callFromPage<{ bytes: number }>(desktop.page, {
    ...{ port: 'desktop-port', service: 'desktop', name: 'printReport' },
    request: { html, path: target },
  });
  const bytes = await readFile(target);
  expect(written.bytes).toBe(bytes.length);
  expect(bytes.includes('/StructTreeRoot')).toBe(true);
  const pdf = await getDocument({ data: new Uint8Array(bytes), useSystemFonts: true }).promise;
  expect(pdf.numPages).toBeGreaterThan(5);
  expect(await pdf.getMarkInfo()).toMatchObject({ Marked: true });
  expect((await pdf.getOutline()).length).toBeGreaterThan(0);
  const first = await textOf(pdf, 1);
  expect(first).toContain('Report of a copyright case');
  expect(first).toContain(`1 / ${pdf.numPages}`);
  expect(await textOf(pdf, pdf.numPages)).toContain(`${pdf.numPages} / ${pdf.numPages}`);
  expect(await (await pdf.getPage(1)).getStructTree()).toMatchObject({ role: 'Root' });
});

async function textOf(
  pdf: Awaited<ReturnType<typeof getDocument>['promise']>,
  number: number,
): Promise<string> {
  const { items } = await (await pdf.getPage(number)).getTextContent();
  return items
    .map((item) => ('str' in item ? item.str : ''))
    .join(' ')
    .replaceAll(/\s+/g, ' ');
}
