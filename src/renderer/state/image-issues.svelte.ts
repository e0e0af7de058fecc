/** @file The queue of one kind of issues of pictures: where the reviewer stands, and what is decided; labels have a queue of their own. */
import {
  FindIssuesConfig,
  type ImageIssue,
  type ImageIssueResolution,
  type ImageIssueSummary,
  type RuleEffect,
} from '../../contract/image-issues-service.ts';
import { ImageIssueKind, type IssueKind, type IssueRule } from '../../contract/issue-kinds.ts';
import type { Run } from '../../contract/runs-service.ts';
import { hasSample, type SampleSet } from '../../contract/sample-set.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.svelte.ts';
import { nextOpenIndex, pagesHolding, PAGE_SIZE } from './issue-pages.ts';
import type { Images } from './images.svelte.ts';
import type { Labels } from './labels.svelte.ts';
import { PlannedRun } from './planned-run.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Samples } from './samples.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

/** How many issues beyond the one at hand have their pictures fetched. */
const LOOK_AHEAD = 3;

export interface ImageIssuesParts {
  readonly connection: Connection;
  readonly project: Project;
  readonly runs: Runs;
  readonly labels: Labels;
  readonly samples: Samples;
  readonly images: Pick<Images, 'full' | 'preload'>;
  readonly toasts: Toasts;
}

export class ImageIssues {
  /** Of every kind that was looked for, in the order of the table of kinds. */
  summaries = $state.raw<readonly ImageIssueSummary[]>([]);
  /** Which queue is shown. */
  kind = $state<IssueKind>('label');
  /** By rank − 1; holes are not fetched yet. */
  issues = $state.raw<readonly (ImageIssue | undefined)[]>([]);
  cursor = $state(0);
  finished = $state(false);
  readonly current = $derived(this.issues[this.cursor] ?? null);
  readonly summary = $derived(this.summaries.find(({ kind }) => kind === this.kind) ?? null);
  readonly plan: PlannedRun<FindIssuesConfig>;
  readonly #parts: ImageIssuesParts;

  constructor(parts: ImageIssuesParts) {
    this.#parts = parts;
    const { connection, project, runs, labels, toasts } = parts;
    this.plan = new PlannedRun(runs, toasts, FindIssuesConfig.parse({}), (config) => ({
      kind: 'find-issues',
      config,
    }));
    connection.onReady((engine) => {
      engine.imageIssues.on('changed', (summaries) => this.#apply(summaries));
    });
    project.onOpened(() => {
      this.kind = 'label';
      void this.refresh();
    });
    labels.onRevert((ids) => void this.#goTo(ids));
    runs.onEnd((run) => {
      if (run.kind === 'find-issues') void this.refresh();
    });
  }

  /** The search under way or waiting; null where there is none. */
  get run(): Run | null {
    return this.#parts.runs.active.findLast((run) => run.kind === 'find-issues') ?? null;
  }

  /** Reads what was found, and the queue of the kind that is shown. */
  async refresh(): Promise<void> {
    this.summaries = [];
    this.issues = [];
    if (this.#parts.project.summary === null) return;
    const summaries = await this.#attempt((engine) => engine.imageIssues.summary());
    if (summaries !== null) this.summaries = inOrder(summaries);
    await this.show(this.kind);
  }

  /** Shows the queue of a kind, at its first undecided issue. */
  async show(kind: IssueKind): Promise<void> {
    this.kind = kind;
    this.issues = [];
    this.finished = false;
    this.cursor = 0;
    if (kind === 'label' || this.summary === null || this.summary.total === 0) return;
    this.issues = Array.from({ length: this.summary.total }, () => undefined);
    const open = await this.#attempt((engine) =>
      engine.imageIssues.page({ kind, from: 0, count: 1, state: 'open' }),
    );
    if (this.kind !== kind || open === null) return;
    const first = open.issues[0];
    this.finished = first === undefined;
    await this.go(first === undefined ? 0 : first.rank - 1);
  }

  async go(index: number): Promise<void> {
    const bounded = Math.max(0, Math.min(this.issues.length - 1, index));
    const { kind } = this;
    await this.#load([bounded]);
    if (this.kind !== kind) return;
    this.cursor = bounded;
    await this.#prepare(bounded);
  }

  /** Decides the issue at hand and goes on. `exclude`: those of its images that are left out from now on. */
  async resolve(state: ImageIssueResolution, exclude: readonly SampleId[] = []): Promise<void> {
    const issue = this.current;
    if (issue === null) return;
    const members = issue.members.map((member) => ({
      ...member,
      excluded: exclude.includes(member.sampleId) || (issue.state !== 'exclude' && member.excluded),
    }));
    this.#put({ ...issue, state, members });
    const { kind, key } = issue;
    const [stored] = await Promise.all([
      this.#attempt((engine) => engine.imageIssues.resolve({ kind, key, state, exclude: [...exclude] })),
      this.#advance(),
    ]);
    if (stored !== null) return;
    this.#put(issue);
    this.finished = false;
    this.cursor = issue.rank - 1;
  }

  previewRule(rule: IssueRule): Promise<RuleEffect | null> {
    const kind = ImageIssueKind.parse(this.kind);
    return this.#attempt((engine) => engine.imageIssues.previewRule({ kind, rule }));
  }

  async applyRule(rule: IssueRule): Promise<RuleEffect | null> {
    const kind = ImageIssueKind.parse(this.kind);
    const effect = await this.#attempt((engine) => engine.imageIssues.applyRule({ kind, rule }));
    await this.show(kind);
    return effect;
  }

  async #advance(): Promise<void> {
    for (;;) {
      const next = nextOpenIndex(this.issues, this.cursor);
      if (next.kind === 'open') return this.go(next.index);
      if (next.kind === 'none') {
        this.finished = true;
        return;
      }
      if (!(await this.#load([next.index]))) return;
    }
  }

  async #load(indices: readonly number[]): Promise<boolean> {
    const missing = indices.filter((index) => index < this.issues.length && this.issues[index] === undefined);
    return this.#fetchPages(pagesHolding(missing));
  }

  async #fetchPages(pages: readonly number[]): Promise<boolean> {
    const { kind } = this;
    if (kind === 'label') return true;
    for (const page of pages) {
      const answer = await this.#attempt((engine) =>
        engine.imageIssues.page({ kind, from: page * PAGE_SIZE, count: PAGE_SIZE, state: 'all' }),
      );
      if (answer === null || this.kind !== kind) return false;
      const next = [...this.issues];
      for (const issue of answer.issues) next[issue.rank - 1] = issue;
      this.issues = next;
    }
    return true;
  }

  /** Fetches the pictures of the issue at hand and of those that come next. */
  async #prepare(index: number): Promise<void> {
    const ahead = Array.from({ length: LOOK_AHEAD + 1 }, (_, step) => index + step);
    await this.#load(ahead);
    const ids = ahead.flatMap((at) => this.issues[at]?.members.map(({ sampleId }) => sampleId) ?? []);
    this.#parts.samples.tiles.request(ids);
    this.#parts.images.preload(ids.slice(0, 8).map((id) => this.#parts.images.full(id)));
  }

  #put(issue: ImageIssue): void {
    this.issues = this.issues.with(issue.rank - 1, issue);
  }

  /** After an undo or redo the reviewer is shown what it touched. */
  async #goTo(touched: SampleSet): Promise<void> {
    if (this.kind === 'label') return;
    const known = this.issues.flatMap((issue, index) => (issue === undefined ? [] : [index]));
    await this.#fetchPages(pagesHolding(known));
    const index = this.issues.findIndex((issue) =>
      issue?.members.some(({ sampleId }) => hasSample(touched, sampleId)),
    );
    if (index < 0) return;
    this.finished = false;
    await this.go(index);
  }

  #apply(summaries: readonly ImageIssueSummary[]): void {
    this.summaries = inOrder(summaries);
  }

  #attempt<Answer>(ask: (engine: Connection['engine']) => Promise<Answer>): Promise<Answer | null> {
    return this.#parts.toasts.attempt(() => ask(this.#parts.connection.engine));
  }
}

function inOrder(summaries: readonly ImageIssueSummary[]): ImageIssueSummary[] {
  const place = (kind: ImageIssueKind): number => ImageIssueKind.options.indexOf(kind);
  return summaries.toSorted((a, b) => place(a.kind) - place(b.kind));
}
