/** @file What this machine remembers between projects, as one small JSON file: recent projects, what was set, how fast runs went. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { ProjectSummary, RecentProject } from '../../contract/projects-service.ts';
import {
  readSettings,
  SettingName,
  type Settings,
  type SettingsChange,
} from '../../contract/settings-service.ts';
import { log } from '../log.ts';

const REMEMBERED_PROJECTS = 20;

const State = z.object({
  /** Values of settings, each read for itself. */
  settings: z.record(z.string(), z.unknown()).default({}),
  recentProjects: z
    .array(z.object({ path: z.string(), name: z.string(), openedAt: z.string(), sampleCount: z.number() }))
    .default([]),
  /** Kind of work → amount in a second. */
  speeds: z.record(z.string(), z.number().positive()).default({}),
});
type State = z.infer<typeof State>;

/** Before there were settings, the reviewer stood by itself. */
const OlderState = z.object({ reviewer: z.string().nullable().optional() });

/** Read from the file each time, because several Whence processes may share it. */
export class MachineState {
  readonly homePath: string;
  readonly #file: string;

  constructor(homePath: string) {
    this.homePath = homePath;
    mkdirSync(homePath, { recursive: true });
    this.#file = join(homePath, 'machine-state.json');
  }

  get settings(): Settings {
    return readSettings(this.#read().settings);
  }

  changeSettings(change: SettingsChange): Settings {
    const state = this.#read();
    this.#write({ ...state, settings: { ...state.settings, ...change } });
    return this.settings;
  }

  /** The defaults again; of all settings where no names are given. */
  resetSettings(names: readonly SettingName[] = SettingName.options): Settings {
    const state = this.#read();
    const kept = Object.entries(state.settings).filter(([name]) => !names.some((reset) => reset === name));
    this.#write({ ...state, settings: Object.fromEntries(kept) });
    return this.settings;
  }

  /** Who decisions are signed by: the chosen name, or the one that the operating system knows. */
  get reviewer(): string {
    return this.settings.reviewer ?? accountName();
  }

  /** Newest first. */
  recentProjects(): RecentProject[] {
    const { recentProjects } = this.#read();
    return recentProjects.map((project) => ({
      ...project,
      exists: existsSync(join(project.path, 'project.db')),
    }));
  }

  /** Puts an opened project first. */
  rememberOpened({ path, name, sampleCount }: ProjectSummary): void {
    const state = this.#read();
    const others = state.recentProjects.filter((project) => project.path !== path);
    const opened = { path, name, sampleCount, openedAt: new Date().toISOString() };
    this.#write({ ...state, recentProjects: [opened, ...others].slice(0, REMEMBERED_PROJECTS) });
  }

  /** Keeps the list's count true while the project is worked on. */
  rememberCount(path: string, sampleCount: number): void {
    const state = this.#read();
    const known = state.recentProjects.find((project) => project.path === path);
    if (known === undefined || known.sampleCount === sampleCount) return;
    const recentProjects = state.recentProjects.map((project) =>
      project === known ? { ...project, sampleCount } : project,
    );
    this.#write({ ...state, recentProjects });
  }

  forget(path: string): void {
    const state = this.#read();
    this.#write({
      ...state,
      recentProjects: state.recentProjects.filter((project) => project.path !== path),
    });
  }

  /** How much work of this kind the machine did in a second, last time; null: never. */
  speedOf(kind: string): number | null {
    return this.#read().speeds[kind] ?? null;
  }

  rememberSpeed(kind: string, amountPerSecond: number): void {
    const state = this.#read();
    this.#write({ ...state, speeds: { ...state.speeds, [kind]: amountPerSecond } });
  }

  /** A damaged file costs the list of recent projects, never the start. */
  #read(): State {
    if (!existsSync(this.#file)) return State.parse({});
    try {
      const kept: unknown = JSON.parse(readFileSync(this.#file, 'utf8'));
      const state = State.parse(kept);
      return { ...state, settings: { ...OlderState.parse(kept), ...state.settings } };
    } catch (error) {
      log.warn({ err: error, file: this.#file }, 'the machine state cannot be read and starts afresh');
      return State.parse({});
    }
  }

  #write(state: State): void {
    const partial = `${this.#file}.${randomUUID()}.partial`;
    writeFileSync(partial, `${JSON.stringify(state, null, 2)}\n`);
    renameSync(partial, this.#file);
  }
}

/** Containers may run under a user that has no account. */
export function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'reviewer';
  }
}
