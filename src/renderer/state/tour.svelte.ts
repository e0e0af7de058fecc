/** @file The tour: whether it is shown and how far it was followed, which the machine remembers. */
import { TrainConfig } from '../../contract/runs-service.ts';
import type { Project } from './project.svelte.ts';
import type { Settings } from './settings.svelte.ts';

/** In the order in which they are taken. What each says and points at: `screens/tour`. */
export const tourSteps = [
  'sample',
  'import',
  'browse',
  'find',
  'decide',
  'undo',
  'why',
  'export',
  'help',
] as const;
export type TourStep = (typeof tourSteps)[number];

/** A linear model learns the sample in seconds; its queue is a real one, if a rougher one. */
const quickTraining = { architecture: 'linear', epochs: 10, folds: 3 } as const;

/** Of the settings: the tour is over, or was put away. */
const OVER = -1;

export class Tour {
  isOpen = $state(false);
  readonly #settings: Settings;
  readonly #project: Project;

  constructor(settings: Settings, project: Project) {
    this.#settings = settings;
    this.#project = project;
  }

  get index(): number {
    return Math.min(Math.max(0, this.#settings.current.tourStep), tourSteps.length - 1);
  }

  get step(): TourStep {
    return tourSteps[this.index]!;
  }

  /** Somebody stopped in the middle. */
  get canResume(): boolean {
    return this.#settings.current.tourStep > 0;
  }

  /** Nobody has seen anything of Whence on this machine yet. */
  get isOffered(): boolean {
    return this.#settings.current.tourStep === 0 && !this.isOpen && this.#project.recent.length === 0;
  }

  /** How a model is trained for the queue: quickly while the tour waits for it, else by the defaults. */
  get training(): TrainConfig {
    return TrainConfig.parse(this.isOpen ? quickTraining : {});
  }

  /** From where it was left; with images at hand the first steps, which bring them, are left out. */
  start(): void {
    const hasImages = (this.#project.summary?.sampleCount ?? 0) > 0;
    const first = hasImages ? tourSteps.indexOf('browse') : 0;
    this.#go(Math.max(this.#settings.current.tourStep, first));
    this.isOpen = true;
  }

  restart(): void {
    this.#go(0);
    this.start();
  }

  /** After the last step it is over. */
  next(): void {
    if (this.index === tourSteps.length - 1) this.end();
    else this.#go(this.index + 1);
  }

  back(): void {
    this.#go(Math.max(0, this.index - 1));
  }

  /** Goes on another time from here. */
  pause(): void {
    this.isOpen = false;
  }

  /** Not offered again. */
  end(): void {
    this.#go(OVER);
    this.isOpen = false;
  }

  #go(tourStep: number): void {
    if (tourStep !== this.#settings.current.tourStep) void this.#settings.change({ tourStep });
  }
}
