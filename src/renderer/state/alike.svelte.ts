/** @file Finding the images most like one of them, and showing them in their order. */
import { FindAlikeConfig } from '../../contract/alike-config.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import type { Runs } from './runs.svelte.ts';
import { emptyFilter, type Samples } from './samples.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export class Alike {
  readonly #runs: Runs;
  readonly #toasts: Toasts;

  /** `show`: takes the person to the images, when they are in order. */
  constructor(runs: Runs, samples: Samples, toasts: Toasts, show: () => void) {
    this.#runs = runs;
    this.#toasts = toasts;
    runs.onEnd((run) => {
      if (run.kind !== 'find-alike' || run.status !== 'finished') return;
      samples.show(emptyFilter, { by: 'likeness', descending: true });
      toasts.info(`The images most like image ${run.summary['sampleId']} first, by ${run.summary['source']}`);
      show();
    });
  }

  /** Whether something was asked, so that images can be ordered by it. */
  get hasAnswer(): boolean {
    return this.#runs.list.some(({ kind, status }) => kind === 'find-alike' && status === 'finished');
  }

  async find(sampleId: SampleId): Promise<void> {
    const config = FindAlikeConfig.parse({ sampleId });
    const runId = await this.#toasts.attempt(() => this.#runs.start({ kind: 'find-alike', config }));
    if (runId !== null) this.#toasts.info(`Looking for images like image ${sampleId}`);
  }
}
