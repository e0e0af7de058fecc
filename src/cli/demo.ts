/**
 * @file `npm run demo`: the main job end to end on the embedded sample: import → train → attribute → find label issues → report.
 * The sample's planted label errors are known, so the demo also says how many of them were found.
 */
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import type { RunRequest } from '../contract/runs-service.ts';
import { collectFindings, renderReport, type DemoStage } from './demo-report.ts';
import { createOutput, formatFigure, formatSeconds, formatTable } from './output.ts';
import { endedEarly } from './run-commands.ts';
import { openSession, type Session } from './session.ts';

const PROJECT_PATH = path.resolve('demo.whence');
const REPORT_PATH = path.resolve('demo-report.html');

const STEPS: readonly { readonly name: string; readonly request: (sourcePath: string) => RunRequest }[] = [
  { name: 'Import', request: (sourcePath) => ({ kind: 'import', config: { sourcePath } }) },
  { name: 'Train', request: () => ({ kind: 'train', config: {} }) },
  { name: 'Attribute', request: () => ({ kind: 'attribute', config: {} }) },
  { name: 'Find label issues', request: () => ({ kind: 'issues', config: {} }) },
];

await makeRoom();
const session = openSession();
try {
  await demonstrate(session);
} finally {
  await session.close();
}

/** An earlier demo is made anew; one in which somebody decided about labels is kept under another name. */
async function makeRoom(): Promise<void> {
  if (!existsSync(PROJECT_PATH)) return;
  const earlier = openSession();
  const summary = await earlier.client.projects.open({ path: PROJECT_PATH }).catch(() => null);
  await earlier.close();
  if (summary !== null && summary.decidedCount === 0) {
    await rm(PROJECT_PATH, { recursive: true });
    return;
  }
  const kept = PROJECT_PATH.replace(/\.whence$/, `-${new Date().toISOString().replace(/[:.]/g, '-')}.whence`);
  await rename(PROJECT_PATH, kept);
  process.stdout.write(`The earlier demo holds decisions; it is kept as ${path.basename(kept)}.\n`);
}

async function demonstrate(demo: Session): Promise<void> {
  const { sourcePath } = await demo.client.projects.prepareSample();
  await demo.client.projects.create({ path: PROJECT_PATH });
  const stages: DemoStage[] = [];
  for (const step of STEPS) stages.push(await perform(demo, step.name, step.request(sourcePath)));
  const findings = await collectFindings(demo.client, await readPlanted(sourcePath));
  await writeFile(REPORT_PATH, await renderReport(demo.client, stages, findings));
  const rows = stages.map((stage) => [
    stage.name,
    formatSeconds(stage.seconds),
    describeSummary(stage.summary),
  ]);
  const found = `${findings.plantedFound} of ${findings.plantedCount} among the first ${findings.plantedCount} of the queue`;
  process.stdout.write(
    `\n${formatTable([['stage', 'time', 'figures'], ...rows, ['Planted errors', '', found]])}\n`,
  );
  process.stdout.write(`\nReport: ${REPORT_PATH}\nProject: ${PROJECT_PATH}\n`);
}

async function perform(demo: Session, name: string, request: RunRequest): Promise<DemoStage> {
  process.stdout.write(`${name} …\n`);
  const output = createOutput({ out: process.stdout, err: process.stderr }, false);
  const startedAt = performance.now();
  const run = await demo.run(request, (progress) => output.progress(progress));
  if (run.status !== 'finished') throw endedEarly(run);
  const seconds = (performance.now() - startedAt) / 1000;
  process.stdout.write(`${name}: ${formatSeconds(seconds)}  ${describeSummary(run.summary)}\n`);
  return { name, seconds, summary: run.summary };
}

function describeSummary(summary: DemoStage['summary']): string {
  return Object.entries(summary)
    .filter(([, value]) => typeof value === 'number')
    .map(([name, value]) => `${name} ${formatFigure(value as number)}`)
    .join(', ');
}

/** Paths of the images whose label was changed on purpose when the sample was made. */
async function readPlanted(sourcePath: string): Promise<ReadonlySet<string>> {
  const rows = parse<Record<string, string>>(await readFile(path.join(sourcePath, 'labels.csv')), {
    columns: true,
  });
  return new Set(rows.filter((row) => row['planted'] === '1').map((row) => row['path'] ?? ''));
}
