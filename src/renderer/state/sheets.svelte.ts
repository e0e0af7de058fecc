/** @file The sheets of images that a training makes along the way: which there are, and the picture of the one looked at. */
import type { RunId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.svelte.ts';

/** A training tells of its progress many times a second; new sheets come minutes apart. */
const REFRESH_MS = 2000;

export class Sheets {
  /** The steps at which sheets were made, in order. */
  steps = $state.raw<readonly number[]>([]);
  /** Address of the picture; null until there is one. */
  picture = $state<string | null>(null);
  /** The step of the picture. */
  pictureStep = $state<number | null>(null);
  /** The step that is asked for; null: the newest, whichever that is. */
  #chosen = $state<number | null>(null);
  readonly #runId: RunId;
  readonly #connection: Connection;
  #lastRefreshMs = -Infinity;
  #isDisposed = false;

  constructor(runId: RunId, connection: Connection, steps: readonly number[] = []) {
    this.#runId = runId;
    this.#connection = connection;
    this.steps = steps;
  }

  /** The step that is looked at; null where there is no sheet yet. */
  get step(): number | null {
    return this.#chosen ?? this.steps.at(-1) ?? null;
  }

  /** Looks at the sheet of this step; the last one is followed as newer ones come. */
  async choose(step: number): Promise<void> {
    this.#chosen = step === this.steps.at(-1) ? null : step;
    await this.#read();
  }

  /** Looks for newer sheets, now and then however often it is called. */
  async refresh(nowMs: number): Promise<void> {
    if (nowMs - this.#lastRefreshMs < REFRESH_MS) return;
    this.#lastRefreshMs = nowMs;
    try {
      this.steps = await this.#connection.engine.queries.sheets({ runId: this.#runId });
    } catch {
      // A sheet is a look at the side: what fails here is said where the run is shown.
      return;
    }
    await this.#read();
  }

  /** Shows the sheet that is looked at, where it is not shown yet. */
  async show(): Promise<void> {
    await this.#read();
  }

  dispose(): void {
    this.#isDisposed = true;
    if (this.picture !== null) URL.revokeObjectURL(this.picture);
    this.picture = null;
  }

  async #read(): Promise<void> {
    const { step } = this;
    if (step === null || step === this.pictureStep) return;
    try {
      const { bytes, type } = await this.#connection.engine.queries.sheet({ runId: this.#runId, step });
      if (this.#isDisposed || step !== this.step) return;
      if (this.picture !== null) URL.revokeObjectURL(this.picture);
      this.picture = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type }));
      this.pictureStep = step;
    } catch {
      // As above; the sheet of before stays in view.
    }
  }
}
