/** @file One file that is handed over: its format, its place, and what came of writing it. */
import { AppError } from '../../core/base/app-error.ts';
import { exportEndings, type ExportFormat, type FilePlacement } from '../../contract/export-formats.ts';
import { translateSaid } from '../texts/translate.svelte.ts';
import type { Connection } from './connection.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export interface WrittenFile {
  readonly path: string;
  readonly rows: number;
  readonly sha256: string;
}

interface Plan {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly format: ExportFormat;
  readonly write: (path: string, format: ExportFormat, placement: FilePlacement) => Promise<WrittenFile>;
}

export interface ExportContext {
  readonly connection: Pick<Connection, 'isDesktop' | 'desktop'>;
  readonly project: Pick<Project, 'summary'>;
  readonly toasts: Pick<Toasts, 'attempt' | 'error'>;
}

export class FileExport {
  format: ExportFormat;
  path: string;
  /** Of folders of images. */
  placement = $state<FilePlacement>('copy');
  working = $state(false);
  result = $state.raw<WrittenFile | null>(null);
  /** What is wrong, in words; it stays until something changes. */
  failure = $state<string | null>(null);
  readonly #context: ExportContext;
  readonly #plan: Plan;

  constructor(context: ExportContext, plan: Plan) {
    this.#context = context;
    this.#plan = plan;
    this.format = $state(plan.format);
    this.path = $state(this.#besideTheProject(plan.format));
  }

  get isDesktop(): boolean {
    return this.#context.connection.isDesktop;
  }

  setFormat(format: ExportFormat): void {
    // A place that was chosen stays, with the new ending.
    const ending = endingOf(this.format);
    const isUsual = ending === '' ? !/\.[a-z]+$/i.test(this.path) : this.path.endsWith(ending);
    if (isUsual) this.path = this.path.slice(0, this.path.length - ending.length) + endingOf(format);
    this.format = format;
    this.failure = null;
  }

  async choosePath(): Promise<void> {
    const { connection, toasts } = this.#context;
    const { desktop } = connection;
    if (desktop === null) return;
    const suggestedName = this.#suggestedName(this.format);
    const chosen = await toasts.attempt(() => desktop.chooseExport({ suggestedName }));
    if (chosen === null) return;
    this.path = chosen;
    this.failure = null;
  }

  async write(): Promise<void> {
    this.working = true;
    this.failure = null;
    try {
      this.result = await this.#plan.write(this.path.trim(), this.format, this.placement);
    } catch (error) {
      this.result = null;
      if (error instanceof AppError) this.failure = translateSaid(error.message);
      else this.#context.toasts.error(error);
    }
    this.working = false;
  }

  async reveal(): Promise<void> {
    const { connection, toasts } = this.#context;
    const { desktop } = connection;
    const path = this.result?.path;
    if (desktop === null || path === undefined) return;
    await toasts.attempt(() => desktop.reveal({ path }));
  }

  #suggestedName(format: ExportFormat): string {
    return `${this.#plan.name}${endingOf(format)}`;
  }

  #besideTheProject(format: ExportFormat): string {
    const projectPath = this.#context.project.summary?.path ?? '';
    const folder = projectPath.replace(/[/\\][^/\\]*[/\\]?$/, '');
    const slash = projectPath.includes('\\') ? '\\' : '/';
    return `${folder}${slash}${this.#suggestedName(format)}`;
  }
}

/** With its dot; '' for a folder. */
function endingOf(format: ExportFormat): string {
  const ending = exportEndings[format];
  return ending === null ? '' : `.${ending}`;
}
