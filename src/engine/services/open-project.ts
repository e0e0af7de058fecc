/** @file The project that the engine has open: its folder, its runs, and what is announced when it changes. */
import { CancelledError } from '../../core/base/app-error.ts';
import type { ProjectSummary } from '../../contract/projects-service.ts';
import type { Run } from '../../contract/runs-service.ts';
import { setOfSamples, type SampleSet } from '../../contract/sample-set.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { Counting } from '../counting/counting.ts';
import { RunQueue } from '../runs/run-queue.ts';
import { computeLimits } from '../runtime/compute-limits.ts';
import type { StartSelfTest } from '../runtime/run-self-test.ts';
import type { Connection } from '../storage/connection.ts';
import { readUndoState } from '../storage/events.ts';
import { countGroups } from '../storage/groups.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { summarizeProject } from '../storage/project.ts';
import { listTags } from '../storage/tags.ts';
import { listViews } from '../storage/views.ts';
import { listQueries } from '../storage/queries.ts';
import { readRunPlan } from '../storage/runs.ts';
import type { Emit } from './emit.ts';
import { measureWork } from './estimate-run.ts';
import type { MachineState } from './machine-state.ts';

/** Counting a large project takes some milliseconds: a burst of key presses is answered by one count. */
const SUMMARY_DELAY_MS = 50;

export class OpenProject {
  readonly folder: ProjectFolder;
  readonly queue: RunQueue;
  readonly counting: Counting;
  readonly #emit: Emit;
  readonly #machine: MachineState;
  #summaryTimer: NodeJS.Timeout | null = null;
  #isSummaryOld = false;

  constructor(folder: ProjectFolder, emit: Emit, machine: MachineState, startSelfTest: StartSelfTest) {
    this.folder = folder;
    this.counting = new Counting(folder);
    this.queue = new RunQueue(folder.path, {
      startSelfTest,
      limits: () => computeLimits(machine.settings),
    });
    this.#emit = emit;
    this.#machine = machine;
    this.queue.onProgress((progress) => emit('runs', 'progress', progress));
    this.queue.onChanged((run) => this.#announceRun(run));
  }

  get connection(): Connection {
    return this.folder.connection;
  }

  summary(): ProjectSummary {
    return summarizeProject(this.folder);
  }

  /** Says that decisions about these images, or the tags of these images, changed; answers them as clients get them. */
  announceDecisions(sampleIds: readonly SampleId[]): SampleSet {
    const images = setOfSamples(sampleIds);
    this.#emit('samples', 'changed', { images });
    this.#emit('labels', 'undoStateChanged', readUndoState(this.connection));
    this.announceSummary();
    return images;
  }

  /** Says, in a moment and once for many changes, what the project and its issues amount to now. */
  announceSummary(): void {
    this.#isSummaryOld = true;
    this.#summaryTimer ??= setTimeout(() => void this.#tellSummaries(), SUMMARY_DELAY_MS);
  }

  /** One count at a time: what changes while a large project is counted is counted together, after it. */
  async #tellSummaries(): Promise<void> {
    try {
      while (this.#isSummaryOld) {
        this.#isSummaryOld = false;
        const { project, issues, imageIssues } = await this.counting.count('summaries', null);
        this.#machine.rememberCount(project.path, project.sampleCount);
        this.#emit('projects', 'changed', project);
        this.#emit('issues', 'changed', issues);
        this.#emit('imageIssues', 'changed', imageIssues);
      }
    } catch (error) {
      // The project was closed meanwhile.
      if (!(error instanceof CancelledError)) throw error;
    } finally {
      this.#summaryTimer = null;
    }
  }

  /** Views that ask for a tag follow its name. */
  announceTags(): void {
    this.#emit('tags', 'changed', listTags(this.connection));
    this.announceViews();
  }

  announceViews(): void {
    this.#emit('views', 'changed', listViews(this.connection));
  }

  announceGroups(): void {
    this.#emit('groups', 'changed', { count: countGroups(this.connection) });
  }

  announceSnapshots(): void {
    this.#emit('history', 'changed', undefined);
  }

  announceQueries(): void {
    this.#emit('queries', 'changed', { count: listQueries(this.connection).length });
  }

  /** Running work is interrupted and can be resumed; nothing that was decided is lost. */
  async close(): Promise<void> {
    await this.queue.dispose();
    await this.counting.dispose();
    if (this.#summaryTimer !== null) clearTimeout(this.#summaryTimer);
    this.#machine.rememberCount(this.folder.path, this.summary().sampleCount);
    this.folder.close();
  }

  #announceRun(run: Run): void {
    this.#emit('runs', 'changed', run);
    if (run.status === 'finished') this.#rememberSpeed(run);
    if (run.status === 'finished' && run.kind.startsWith('evaluate-'))
      this.#emit('evaluations', 'changed', undefined);
    if (run.kind === 'sample-images') this.announceQueries();
    if (run.finishedAt !== null) this.announceSummary();
  }

  #rememberSpeed({ id, startedAt, finishedAt, summary }: Run): void {
    const seconds = (Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '')) / 1000;
    // A resumed run worked for a part of the time since its start only: it tells nothing about speed.
    if (seconds <= 0 || Number(summary['seconds']) < 0.8 * seconds) return;
    const work = measureWork(this.connection, readRunPlan(this.connection, id));
    // An attribution says what its features took when they were made, also where it found them there.
    const attributing = Number(summary['cacheSeconds']) + Number(summary['serveSeconds']);
    const worked = attributing > 0 ? attributing : seconds;
    if (work !== null && work.amount > 0) this.#machine.rememberSpeed(work.kind, work.amount / worked);
  }
}
