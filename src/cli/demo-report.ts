/** @file The demo's report: one self-contained HTML page with the figures, the curves and the first issues with their evidence. */
import type { Clients } from '../contract/client.ts';
import type { Issue, IssueEvidence } from '../contract/findings-service.ts';
import type { Model } from '../contract/models-service.ts';
import type { EpochMetrics, Run } from '../contract/runs-service.ts';
import type { EngineServices } from '../contract/services.ts';
import type { SampleId } from '../contract/vocabulary.ts';
import { formatFigure, formatSeconds } from './output.ts';

type EngineClient = Clients<EngineServices>;

export interface DemoStage {
  readonly name: string;
  readonly seconds: number;
  readonly summary: Run['summary'];
}

export interface Findings {
  readonly issues: readonly Issue[];
  readonly plantedIds: ReadonlySet<SampleId>;
  readonly plantedCount: number;
  /** Planted errors among the first `plantedCount` of the queue. */
  readonly plantedFound: number;
}

const SHOWN_ISSUES = 24;
const SHOWN_EVIDENCE = 5;
const PAGE = 500;

/** Reads the head of the queue, as many issues as errors were planted, and counts the planted ones in it. */
export async function collectFindings(
  client: EngineClient,
  plantedPaths: ReadonlySet<string>,
): Promise<Findings> {
  const plantedCount = plantedPaths.size;
  const issues: Issue[] = [];
  while (issues.length < Math.max(plantedCount, SHOWN_ISSUES)) {
    const page = await client.issues.page({
      from: issues.length,
      count: Math.min(PAGE, Math.max(plantedCount, SHOWN_ISSUES) - issues.length),
    });
    if (page.issues.length === 0) break;
    issues.push(...page.issues);
  }
  const plantedIds = new Set<SampleId>();
  for (let from = 0; from < issues.length; from += PAGE) {
    const tiles = await client.samples.tiles({
      ids: issues.slice(from, from + PAGE).map((issue) => issue.sampleId),
    });
    for (const tile of tiles) if (plantedPaths.has(tile.path)) plantedIds.add(tile.id);
  }
  const plantedFound = issues.slice(0, plantedCount).filter((issue) => plantedIds.has(issue.sampleId)).length;
  return { issues, plantedIds, plantedCount, plantedFound };
}

export async function renderReport(
  client: EngineClient,
  stages: readonly DemoStage[],
  findings: Findings,
): Promise<string> {
  const [model] = await client.models.list();
  const project = await client.projects.current();
  const classNames = new Map(project?.classes.map((entry) => [entry.id, entry.name]) ?? []);
  const cards: string[] = [];
  for (const issue of findings.issues.slice(0, SHOWN_ISSUES)) {
    const evidence = await client.issues.evidence({ sampleId: issue.sampleId });
    cards.push(
      await issueCard(
        client,
        issue,
        evidence,
        (id) => classNames.get(id) ?? '?',
        findings.plantedIds.has(issue.sampleId),
      ),
    );
  }
  return page([
    `<h1>Whence demo</h1><p>${formatFigure(project?.sampleCount ?? 0)} images, ${classNames.size} classes, ${formatFigure(findings.plantedCount)} label errors planted on purpose; <strong>${formatFigure(findings.plantedFound)}</strong> of them stand among the first ${formatFigure(findings.plantedCount)} of the queue.</p>`,
    `<h2>Stages</h2>${stageTable(stages)}`,
    model === undefined
      ? ''
      : `<h2>Training</h2><p>${escape(model.name)}, ${formatFigure(model.parameterCount)} parameters.</p>${curves(model)}`,
    `<h2>First ${Math.min(SHOWN_ISSUES, findings.issues.length)} issues</h2><p>‘Pulled towards’ rows are training images with the highest estimated influence; estimates, not measured effects.</p>${cards.join('\n')}`,
  ]);
}

async function issueCard(
  client: EngineClient,
  issue: Issue,
  evidence: IssueEvidence,
  nameOf: (id: Issue['givenLabel']) => string,
  planted: boolean,
): Promise<string> {
  const row = async (title: string, entries: IssueEvidence['towardsGiven']['entries']): Promise<string> => {
    const pictures = await Promise.all(
      entries.slice(0, SHOWN_EVIDENCE).map((entry) => thumbnail(client, entry.sampleId, 56)),
    );
    return `<div class="pull"><span>${escape(title)}</span>${pictures.join('')}</div>`;
  };
  return `<article>${await thumbnail(client, issue.sampleId, 112)}<div><p><strong>${escape(nameOf(issue.givenLabel))}</strong> → suggested <strong>${escape(nameOf(issue.suggestedLabel))}</strong> <small>score ${issue.score.toFixed(3)}${planted ? ' · planted' : ''}</small></p>${await row(`towards ${nameOf(issue.givenLabel)}`, evidence.towardsGiven.entries)}${await row(`towards ${nameOf(issue.suggestedLabel)}`, evidence.towardsSuggested.entries)}</div></article>`;
}

async function thumbnail(client: EngineClient, id: SampleId, side: number): Promise<string> {
  const { bytes, type } = await client.samples.thumbnail({ id, size: 96 });
  return `<img alt="image ${id}" width="${side}" height="${side}" src="data:${type};base64,${Buffer.from(bytes).toString('base64')}">`;
}

function stageTable(stages: readonly DemoStage[]): string {
  const rows = stages.map((stage) => {
    const figures = Object.entries(stage.summary).map(
      ([name, value]) => `${name} ${typeof value === 'number' ? formatFigure(value) : String(value)}`,
    );
    return `<tr><td>${escape(stage.name)}</td><td>${formatSeconds(stage.seconds)}</td><td>${escape(figures.join(', '))}</td></tr>`;
  });
  return `<table><thead><tr><th>stage</th><th>time</th><th>figures</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

/** Loss of training and validation by epoch, as one SVG. */
function curves({ epochs }: Model): string {
  const [width, height] = [520, 160];
  const highest = Math.max(
    ...epochs.map((epoch) => Math.max(epoch.trainLoss, epoch.validationLoss ?? 0)),
    1e-9,
  );
  const line = (of: (epoch: EpochMetrics) => number | null): string =>
    epochs
      .map((epoch, index) => [index, of(epoch)] as const)
      .filter((point): point is readonly [number, number] => point[1] !== null)
      .map(
        ([index, loss]) =>
          `${((index / Math.max(1, epochs.length - 1)) * width).toFixed(1)},${(height - (loss / highest) * height).toFixed(1)}`,
      )
      .join(' ');
  return `<svg viewBox="-4 -4 ${width + 8} ${height + 8}" width="${width}" role="img" aria-label="Loss by epoch"><polyline class="train" points="${line((epoch) => epoch.trainLoss)}"/><polyline class="validation" points="${line((epoch) => epoch.validationLoss)}"/></svg><p><small>Loss by epoch: <span class="train">training</span>, <span class="validation">validation</span></small></p>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function page(sections: readonly string[]): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Whence demo</title><style>${STYLE}</style><main>${sections.join('\n')}</main></html>\n`;
}

const STYLE = `
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;margin:0;background:light-dark(#f7f6f3,#16171a);color:light-dark(#1f2126,#e8e7e3)}
main{max-width:860px;margin:0 auto;padding:32px 24px}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid light-dark(#dddad2,#34363c);vertical-align:top}
article{display:flex;gap:16px;padding:16px 0;border-bottom:1px solid light-dark(#dddad2,#34363c)}article p{margin:0 0 8px}
img{image-rendering:pixelated;border-radius:4px;object-fit:contain;background:#000}
.pull{display:flex;align-items:center;gap:4px;margin:4px 0}.pull span{width:170px}
polyline{fill:none;stroke-width:2}polyline.train{stroke:#b4632d}polyline.validation{stroke:#2f7f86}span.train{color:#b4632d}span.validation{color:#2f7f86}
`;
