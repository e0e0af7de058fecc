/** @file What every service works with: the machine, the project that is open, and the way to tell clients. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { ProjectSummary } from '../../contract/projects-service.ts';
import { createProjectFolder, openProjectFolder, type ProjectFolder } from '../storage/project-folder.ts';
import type { StartSelfTest } from '../runtime/run-self-test.ts';
import type { Emit } from './emit.ts';
import type { MachineState } from './machine-state.ts';
import { OpenProject } from './open-project.ts';

export interface EngineContextOptions {
  readonly machine: MachineState;
  /** What is shipped beside the program; read-only. */
  readonly resourcesPath: string;
  /** Where new projects go by default. */
  readonly projectsPath: string;
  readonly emit: Emit;
  readonly startSelfTest: StartSelfTest;
}

export class EngineContext {
  readonly machine: MachineState;
  readonly resourcesPath: string;
  /** Where new projects go unless the person has set a place. */
  readonly usualProjectsPath: string;
  readonly emit: Emit;
  readonly startSelfTest: StartSelfTest;
  #open: OpenProject | null = null;
  /** Opening and closing happen one after the other, whoever asks. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: EngineContextOptions) {
    this.machine = options.machine;
    this.resourcesPath = options.resourcesPath;
    this.usualProjectsPath = options.projectsPath;
    this.emit = options.emit;
    this.startSelfTest = options.startSelfTest;
  }

  /** Where new projects go. */
  get projectsPath(): string {
    return this.machine.settings.projectsPath || this.usualProjectsPath;
  }

  /** The open project; an error for the person where there is none. */
  get project(): OpenProject {
    if (this.#open === null) throw new AppError('project-none-open');
    return this.#open;
  }

  get projectOrNull(): OpenProject | null {
    return this.#open;
  }

  /** Opens the project at `path`. Where that fails, the one that is open stays open. */
  openProject(path: string): Promise<ProjectSummary> {
    return this.#inTurn(async () => {
      const folder = openProjectFolder(path);
      if (this.#open?.folder.path !== folder.path) return this.#replace(folder);
      folder.close();
      return this.#open.summary();
    });
  }

  createProject(path: string): Promise<ProjectSummary> {
    return this.#inTurn(() => {
      mkdirSync(dirname(path), { recursive: true });
      return this.#replace(createProjectFolder(path));
    });
  }

  closeProject(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#open === null) return;
      await this.#closeCurrent();
      this.emit('projects', 'changed', null);
    });
  }

  async #replace(folder: ProjectFolder): Promise<ProjectSummary> {
    await this.#closeCurrent();
    const project = new OpenProject(folder, this.emit, this.machine, this.startSelfTest);
    this.#open = project;
    const summary = project.summary();
    this.machine.rememberOpened(summary);
    this.emit('projects', 'changed', summary);
    return summary;
  }

  async #closeCurrent(): Promise<void> {
    const previous = this.#open;
    this.#open = null;
    await previous?.close();
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}
