/** @file Bringing a model: look into its file, settle what is to be known about it, take it into the project. */
import { AppError } from '../../core/base/app-error.ts';
import { ModelChoices } from '../../contract/model-choices.ts';
import type { ModelReport } from '../../contract/models-service.ts';
import { translateSaid } from '../texts/translate.svelte.ts';
import type { Connection } from './connection.svelte.ts';
import { parseClassNames } from './class-names.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

/** How the outputs' classes are told: in the project's order, one by one, by a list of names; or a new head learns them. */
export type ClassMapping = 'same' | 'table' | 'names' | 'head';

/** Longer lists are pasted, not clicked together. */
const LONGEST_TABLE = 40;

export class AddingModel {
  path = $state('');
  report = $state.raw<ModelReport | null>(null);
  choices = $state.raw<ModelChoices>(ModelChoices.parse({}));
  mapping = $state<ClassMapping>('same');
  /** For 'names': one a line, or a JSON list. */
  namesText = $state('');
  /** For 'table': name of a class of the project per output; '' for none. */
  table = $state.raw<readonly string[]>([]);
  working = $state<'checking' | 'adding' | null>(null);
  /** What is wrong, in words; it stays until something changes. */
  failure = $state<string | null>(null);
  readonly #connection: Connection;
  readonly #project: Project;
  readonly #runs: Runs;
  readonly #toasts: Toasts;

  constructor(connection: Connection, project: Project, runs: Runs, toasts: Toasts) {
    this.#connection = connection;
    this.#project = project;
    this.#runs = runs;
    this.#toasts = toasts;
    project.onOpened(() => this.reset());
  }

  /** The ways to tell the classes that make sense for this file. */
  get mappings(): readonly ClassMapping[] {
    const { report } = this;
    if (report === null || report.classCount === null) return ['head'];
    const fits = report.classCount === this.#project.classes.length;
    return [
      ...(fits ? (['same'] as const) : []),
      ...(report.classCount <= LONGEST_TABLE ? (['table'] as const) : []),
      'names',
      'head',
    ];
  }

  reset(): void {
    this.path = '';
    this.report = null;
    this.failure = null;
    this.working = null;
  }

  async choosePath(): Promise<void> {
    const { desktop } = this.#connection;
    if (desktop === null) return;
    const path = await this.#toasts.attempt(() => desktop.chooseFile({ kind: 'model' }));
    if (path !== null) await this.check(path);
  }

  async check(path: string): Promise<void> {
    this.reset();
    this.path = path;
    this.working = 'checking';
    await this.#attempt(async () => {
      const report = await this.#connection.engine.models.check({ path });
      this.choices = report.suggestion ?? ModelChoices.parse({});
      this.report = report;
      this.mapping = this.mappings.includes('same') ? 'same' : 'head';
      this.namesText = '';
      this.table = this.#tableInOrder(report.classCount ?? 0);
    });
    this.working = null;
  }

  change(change: Partial<ModelChoices>): void {
    this.choices = { ...this.choices, ...change };
    this.failure = null;
  }

  changeTable(output: number, className: string): void {
    this.table = this.table.with(output, className);
    this.failure = null;
  }

  /** True where the model is on its way. */
  async add(): Promise<boolean> {
    this.failure = null;
    this.working = 'adding';
    const added = await this.#attempt(async () => {
      const choices = {
        ...this.choices,
        newHead: this.mapping === 'head',
        classNames: this.#classNames(),
      };
      const runId = await this.#connection.engine.models.add({ path: this.path, choices });
      await this.#runs.follow(runId);
    });
    this.working = null;
    return added;
  }

  #classNames(): string[] {
    if (this.mapping === 'names') return parseClassNames(this.namesText);
    return this.mapping === 'table' ? [...this.table] : [];
  }

  /** The classes in the order of the project, as far as they go. */
  #tableInOrder(count: number): string[] {
    const inOrder = this.#project.classes.toSorted((a, b) => a.id - b.id);
    return Array.from({ length: count }, (_, output) => inOrder[output]?.name ?? '');
  }

  async #attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof AppError) this.failure = translateSaid(error.message);
      else this.#toasts.error(error);
      return false;
    }
  }
}
