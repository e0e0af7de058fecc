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
import type { Images } from './images.svelte.ts';
import type { Labels } from './labels.svelte.ts';
import { PlannedRun } from './planned-run.svelte.ts';
import type { Project } from './project.svelte.ts';
import { Ranking } from './ranking.svelte.ts';
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
  readonly summary = $derived(this.summaries.find(({ kind }) => kind === this.kind) ?? null);
  readonly plan: PlannedRun<FindIssuesConfig>;
  readonly #ranking: Ranking<ImageIssue>;
  readonly #parts: ImageIssuesParts;

  constructor(parts: ImageIssuesParts) {
    this.#parts = parts;
    const { connection, project, runs, labels, toasts } = parts;
    this.#ranking = new Ranking<ImageIssue>({
      lookAhead: LOOK_AHEAD,
      fetch: async (page) => {
        const { kind } = this;
        if (kind === 'label') return null;
        const answer = await this.#attempt((engine) => engine.imageIssues.page({ kind, ...page }));
        return answer?.issues ?? null;
      },
      prepare: (issues) => this.#prepare(issues),
    });
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

  get cursor(): number {
    return this.#ranking.cursor;
  }

  get current(): ImageIssue | null {
    return this.#ranking.current;
  }

  /** Every issue of the kind is decided. */
  get finished(): boolean {
    return this.#ranking.finished;
  }

  /** Reads what was found, and the queue of the kind that is shown. */
  async refresh(): Promise<void> {
    this.summaries = [];
    this.#ranking.clear();
    if (this.#parts.project.summary === null) return;
    const summaries = await this.#attempt((engine) => engine.imageIssues.summary());
    if (summaries !== null) this.summaries = inOrder(summaries);
    await this.show(this.kind);
  }

  /** Shows the queue of a kind, at its first undecided issue. */
  async show(kind: IssueKind): Promise<void> {
    this.kind = kind;
    await this.#ranking.open(kind === 'label' ? 0 : (this.summary?.total ?? 0));
  }

  /** Looks at one of the ranking, also where all are decided. */
  async go(index: number): Promise<void> {
    this.#ranking.finished = false;
    await this.#ranking.go(index);
  }

  /** Decides the issue at hand and goes on. `exclude`: those of its images that are left out from now on. */
  async resolve(state: ImageIssueResolution, exclude: readonly SampleId[] = []): Promise<void> {
    const issue = this.current;
    if (issue === null) return;
    const members = issue.members.map((member) => ({
      ...member,
      excluded: exclude.includes(member.sampleId) || (issue.state !== 'exclude' && member.excluded),
    }));
    const { kind, key } = issue;
    await this.#ranking.decide({ ...issue, state, members }, async () => {
      const stored = await this.#attempt((engine) =>
        engine.imageIssues.resolve({ kind, key, state, exclude: [...exclude] }),
      );
      return stored !== null;
    });
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

  /** Fetches the pictures of the issue at hand and of those that come next. */
  #prepare(issues: readonly ImageIssue[]): Promise<void> {
    const ids = issues.flatMap(({ members }) => members.map(({ sampleId }) => sampleId));
    this.#parts.samples.tiles.request(ids);
    this.#parts.images.preload(ids.slice(0, 8).map((id) => this.#parts.images.full(id)));
    return Promise.resolve();
  }

  /** After an undo or redo the reviewer is shown what it touched. */
  async #goTo(touched: SampleSet): Promise<void> {
    if (this.kind === 'label') return;
    await this.#ranking.reread(() => true);
    await this.#ranking.show(({ members }) => members.some(({ sampleId }) => hasSample(touched, sampleId)));
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
