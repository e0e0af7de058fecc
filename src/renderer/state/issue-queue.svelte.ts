/** @file The queue of label issues: where the reviewer stands, what is decided, and the evidence of the image at hand. */
import type { Issue, IssueEvidence, IssueSummary, NoiseMatrix } from '../../contract/findings-service.ts';
import { hasSample, setOfSamples, type SampleSet } from '../../contract/sample-set.ts';
import type { ClassId, DecisionAction, SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.svelte.ts';
import type { Images } from './images.svelte.ts';
import type { Labels } from './labels.svelte.ts';
import type { Project } from './project.svelte.ts';
import { Ranking } from './ranking.svelte.ts';
import type { SampleDetail, Samples } from './samples.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

/** How many images beyond the one at hand are fetched, with their evidence. */
const LOOK_AHEAD = 4;
const EVIDENCE_KEPT = 64;

export interface Evidence extends IssueEvidence {
  readonly prediction: SampleDetail['prediction'];
}

export interface IssueQueueParts {
  readonly connection: Connection;
  readonly project: Project;
  readonly labels: Labels;
  readonly samples: Samples;
  readonly images: Pick<Images, 'full' | 'preload'>;
  readonly toasts: Toasts;
}

export class IssueQueue {
  summary = $state.raw<IssueSummary | null>(null);
  /** Of the ranking; null where it was not counted. */
  noise = $state.raw<NoiseMatrix | null>(null);
  readonly #ranking: Ranking<Issue>;
  #evidence = $state.raw<ReadonlyMap<SampleId, Evidence>>(new Map());
  readonly #parts: IssueQueueParts;

  constructor(parts: IssueQueueParts) {
    this.#parts = parts;
    this.#ranking = new Ranking<Issue>({
      lookAhead: LOOK_AHEAD,
      fetch: async (page) => {
        const answer = await parts.toasts.attempt(() => parts.connection.engine.issues.page(page));
        return answer?.issues ?? null;
      },
      prepare: (issues) => this.#prepare(issues),
    });
    parts.connection.onReady((engine) => {
      engine.issues.on('changed', (summary) => this.#applySummary(summary));
      // Decisions were made elsewhere: the pages that show them are read again.
      engine.samples.on('changed', ({ images }) => void this.#ranking.reread(isOneOf(images)));
    });
    parts.project.onOpened(() => void this.refresh());
    parts.labels.onRevert((images) => void this.#ranking.show(isOneOf(images)));
  }

  /** How many images are ranked. */
  get total(): number {
    return this.#ranking.total;
  }

  /** The image of rank `index` + 1; undefined where its page is not fetched yet. */
  at(index: number): Issue | undefined {
    return this.#ranking.at(index);
  }

  get cursor(): number {
    return this.#ranking.cursor;
  }

  get current(): Issue | null {
    return this.#ranking.current;
  }

  /** Every issue is decided: the queue is done. */
  get finished(): boolean {
    return this.#ranking.finished;
  }

  /** The evidence and the prediction of the image at hand; null until they are there. */
  get evidence(): Evidence | null {
    return this.current === null ? null : (this.#evidence.get(this.current.sampleId) ?? null);
  }

  /** Reads the newest ranking and goes to its first undecided image. */
  async refresh(): Promise<void> {
    this.#ranking.clear();
    this.#evidence = new Map();
    this.noise = null;
    if (this.#parts.project.summary === null) {
      this.summary = null;
      return;
    }
    const engine = this.#parts.connection.engine;
    this.summary = await this.#parts.toasts.attempt(() => engine.issues.summary());
    if (this.summary === null || this.summary.total === 0) return;
    this.noise = await this.#parts.toasts.attempt(() => engine.issues.noise());
    await this.#ranking.open(this.summary.total);
  }

  /** Looks at one of the ranking, also where all are decided. */
  async go(index: number): Promise<void> {
    this.#ranking.finished = false;
    await this.#ranking.go(index);
  }

  /** Decides the image at hand and goes on at once; the engine's answer is not waited for. */
  async decide(action: DecisionAction, label: ClassId | null = null): Promise<void> {
    const issue = this.current;
    if (issue === null) return;
    await this.#ranking.decide({ ...issue, state: action }, () =>
      this.#parts.labels.decide(setOfSamples([issue.sampleId]), action, label),
    );
  }

  /** Fetches evidence and pixels of the image at hand and of those that come next. */
  async #prepare(issues: readonly Issue[]): Promise<void> {
    this.#parts.images.preload(issues.map((issue) => this.#parts.images.full(issue.sampleId)));
    this.#parts.samples.tiles.request(issues.map((issue) => issue.sampleId));
    for (const issue of issues) await this.#fetchEvidence(issue.sampleId);
  }

  async #fetchEvidence(sampleId: SampleId): Promise<void> {
    if (this.#evidence.has(sampleId)) return;
    const [evidence, detail] = await Promise.all([
      this.#parts.toasts.attempt(() => this.#parts.connection.engine.issues.evidence({ sampleId })),
      this.#parts.samples.detail(sampleId),
    ]);
    if (evidence === null) return;
    const entries = [
      ...this.#evidence,
      [sampleId, { ...evidence, prediction: detail?.prediction ?? null }] as const,
    ];
    this.#evidence = new Map(entries.slice(-EVIDENCE_KEPT));
    const images = [...evidence.towardsGiven.entries, ...evidence.towardsSuggested.entries];
    this.#parts.samples.tiles.request(images.map((entry) => entry.sampleId));
  }

  #applySummary(summary: IssueSummary): void {
    const otherRanking = summary.runId !== this.summary?.runId || summary.total !== this.total;
    this.summary = summary;
    if (otherRanking) void this.refresh();
  }
}

function isOneOf(images: SampleSet): (issue: Issue) => boolean {
  return ({ sampleId }) => hasSample(images, sampleId);
}
