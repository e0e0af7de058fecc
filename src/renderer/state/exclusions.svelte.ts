/** @file The images that trainings leave out, and changing which: undone like decisions. */
import { hasSample, setOfSamples, type SampleSet } from '../../contract/sample-set.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

const noImages = setOfSamples([]);

export class Exclusions {
  images = $state.raw<SampleSet>(noImages);
  readonly #connection: Connection;
  readonly #project: Project;
  readonly #toasts: Toasts;
  #latestRead = 0;

  constructor(connection: Connection, project: Project, toasts: Toasts) {
    this.#connection = connection;
    this.#project = project;
    this.#toasts = toasts;
    connection.onReady((engine) => {
      engine.samples.on('changed', () => void this.#read());
    });
    project.onOpened(() => {
      this.images = noImages;
      void this.#read();
    });
  }

  has(id: SampleId): boolean {
    return hasSample(this.images, id);
  }

  /** Excludes images, or includes them again. Number of images that were not so before; null where it failed. */
  async set(images: SampleSet, excluded: boolean): Promise<number | null> {
    const answer = await this.#toasts.attempt(() =>
      this.#connection.engine.labels.setExcluded({ images, excluded }),
    );
    return answer?.changed ?? null;
  }

  async #read(): Promise<void> {
    if (this.#project.summary === null) return;
    const read = ++this.#latestRead;
    const found = await this.#toasts.attempt(() =>
      this.#connection.engine.samples.query({ filter: { onlyExcluded: true } }),
    );
    if (found !== null && read === this.#latestRead) this.images = setOfSamples(found.ids);
  }
}
