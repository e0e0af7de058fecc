/** @file The queue of label issues: where the reviewer stands, what is decided, and the evidence of the image at hand. */
import type { Issue, IssueEvidence, IssueSummary, NoiseMatrix } from '../../contract/findings-service.ts';
import { hasSample, setOfSamples, type SampleSet } from '../../contract/sample-set.ts';
import type { ClassId, DecisionAction, SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.svelte.ts';
import { nextOpenIndex, pagesHolding, PAGE_SIZE } from './issue-pages.ts';
import type { Images } from './images.svelte.ts';
import type { Labels } from './labels.svelte.ts';
import type { Project } from './project.svelte.ts';
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
  /** By rank − 1; holes are not fetched yet. */
  issues = $state.raw<readonly (Issue | undefined)[]>([]);
  cursor = $state(0);
  /** Every issue is decided: the queue is done. */
  finished = $state(false);
  readonly current = $derived(this.issues[this.cursor] ?? null);
  #evidence = $state.raw<ReadonlyMap<SampleId, Evidence>>(new Map());
  /** The image at hand is decided and the next one not there yet: keys are not for either. */
  #isFetchingNext = false;
  readonly #parts: IssueQueueParts;

  constructor(parts: IssueQueueParts) {
    this.#parts = parts;
    parts.connection.onReady((engine) => {
      engine.issues.on('changed', (summary) => this.#applySummary(summary));
      engine.samples.on('changed', ({ images }) => void this.#reread(images));
    });
    parts.project.onOpened(() => void this.refresh());
    parts.labels.onRevert((images) => this.#goTo(images));
  }

  /** The evidence and the prediction of the image at hand; null until they are there. */
  get evidence(): Evidence | null {
    return this.current === null ? null : (this.#evidence.get(this.current.sampleId) ?? null);
  }

  /** Reads the newest ranking and goes to its first undecided image. */
  async refresh(): Promise<void> {
    this.issues = [];
    this.#evidence = new Map();
    this.finished = false;
    this.noise = null;
    if (this.#parts.project.summary === null) {
      this.summary = null;
      return;
    }
    const engine = this.#parts.connection.engine;
    this.summary = await this.#parts.toasts.attempt(() => engine.issues.summary());
    if (this.summary === null || this.summary.total === 0) return;
    this.noise = await this.#parts.toasts.attempt(() => engine.issues.noise());
    this.issues = Array.from({ length: this.summary.total }, () => undefined);
    const firstOpen = await this.#parts.toasts.attempt(() =>
      engine.issues.page({ from: 0, count: 1, state: 'open' }),
    );
    const first = firstOpen?.issues[0];
    this.finished = firstOpen !== null && first === undefined;
    await this.go(first === undefined ? 0 : first.rank - 1);
  }

  async go(index: number): Promise<void> {
    const bounded = Math.max(0, Math.min(this.issues.length - 1, index));
    // At once where it is known: a next key pressed right away must find the next image.
    if (this.issues[bounded] === undefined && !(await this.#load([bounded]))) return;
    this.cursor = bounded;
    await this.#prepare(bounded);
  }

  /** Decides the image at hand and goes on at once; the engine's answer is not waited for. */
  async decide(action: DecisionAction, label: ClassId | null = null): Promise<void> {
    const issue = this.current;
    if (issue === null || this.#isFetchingNext) return;
    this.#put({ ...issue, state: action });
    const [stored] = await Promise.all([
      this.#parts.labels.decide(setOfSamples([issue.sampleId]), action, label),
      this.#advance(),
    ]);
    if (stored) return;
    this.#put(issue);
    this.finished = false;
    this.cursor = issue.rank - 1;
  }

  /** Goes to the next undecided image, round the end if need be; none left: the queue is finished. */
  async #advance(): Promise<void> {
    for (;;) {
      const next = nextOpenIndex(this.issues, this.cursor);
      if (next.kind === 'open') return this.go(next.index);
      if (next.kind === 'none') {
        this.finished = true;
        return;
      }
      this.#isFetchingNext = true;
      const loaded = await this.#load([next.index]);
      this.#isFetchingNext = false;
      if (!loaded) return;
    }
  }

  /** Fetches the pages that hold these indices, where they are missing. */
  async #load(indices: readonly number[]): Promise<boolean> {
    const missing = indices.filter((index) => index < this.issues.length && this.issues[index] === undefined);
    return this.#fetchPages(pagesHolding(missing));
  }

  async #fetchPages(pages: readonly number[]): Promise<boolean> {
    for (const page of pages) {
      const answer = await this.#parts.toasts.attempt(() =>
        this.#parts.connection.engine.issues.page({ from: page * PAGE_SIZE, count: PAGE_SIZE, state: 'all' }),
      );
      if (answer === null) return false;
      const next = [...this.issues];
      for (const issue of answer.issues) next[issue.rank - 1] = issue;
      this.issues = next;
    }
    return true;
  }

  /** Fetches evidence and pixels of the image at hand and of those that come next. */
  async #prepare(index: number): Promise<void> {
    const ahead = Array.from({ length: LOOK_AHEAD + 1 }, (_, step) => index + step);
    await this.#load(ahead);
    const issues = ahead.map((at) => this.issues[at]).filter((issue) => issue !== undefined);
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

  #put(issue: Issue): void {
    this.issues = this.issues.with(issue.rank - 1, issue);
  }

  /** After an undo or redo the reviewer is shown what it touched. */
  #goTo(touched: SampleSet): void {
    const index = this.issues.findIndex((issue) => issue !== undefined && hasSample(touched, issue.sampleId));
    if (index < 0) return;
    this.finished = false;
    void this.go(index);
  }

  /** Decisions were made elsewhere: reads the pages again that show them. */
  async #reread(changed: SampleSet): Promise<void> {
    const indices = this.issues.flatMap((issue, index) =>
      issue !== undefined && hasSample(changed, issue.sampleId) ? [index] : [],
    );
    await this.#fetchPages(pagesHolding(indices));
  }

  #applySummary(summary: IssueSummary): void {
    const otherRanking = summary.runId !== this.summary?.runId || summary.total !== this.issues.length;
    this.summary = summary;
    if (otherRanking) void this.refresh();
  }
}
