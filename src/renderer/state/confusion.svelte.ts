/** @file The confusion matrix of one model: which classes it takes for which. */
import type { ConfusionMatrix } from '../../contract/models-service.ts';
import type { ClassId, ModelId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.svelte.ts';
import type { Overlays } from './overlays.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

type Cell = ConfusionMatrix['cells'][number];

interface Parts {
  readonly connection: Connection;
  readonly project: Project;
  readonly overlays: Overlays;
  readonly toasts: Toasts;
}

export class Confusion {
  modelId = $state.raw<ModelId | null>(null);
  by = $state<ConfusionMatrix['by']>('label');
  unseenOnly = $state(true);
  matrix = $state.raw<ConfusionMatrix | null>(null);
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Classes with images or predictions, in the project's order. */
  get classes(): ClassId[] {
    const present = new Set(this.matrix?.cells.flatMap(({ label, predicted }) => [label, predicted]));
    return this.#parts.project.classes.map(({ id }) => id).filter((id) => present.has(id));
  }

  /** Pairs of different classes, the most frequent first. */
  get mixUps(): Cell[] {
    const wrong = this.matrix?.cells.filter(({ label, predicted }) => label !== predicted) ?? [];
    return wrong.toSorted((a, b) => b.count - a.count);
  }

  cell(label: ClassId, predicted: ClassId): Cell | null {
    return this.matrix?.cells.find((cell) => cell.label === label && cell.predicted === predicted) ?? null;
  }

  /** Opens the dialog; of predictions made without training on the image, where there are any. */
  async open(modelId: ModelId): Promise<void> {
    this.modelId = modelId;
    this.matrix = null;
    this.unseenOnly = true;
    const first = await this.#read();
    const matrix = first?.unseenCount === 0 ? await this.choose({ unseenOnly: false }) : first;
    if (matrix !== null) this.#parts.overlays.show('confusion');
  }

  choose(choice: Partial<Pick<Confusion, 'by' | 'unseenOnly'>>): Promise<ConfusionMatrix | null> {
    this.by = choice.by ?? this.by;
    this.unseenOnly = choice.unseenOnly ?? this.unseenOnly;
    return this.#read();
  }

  /** Null where it failed. */
  async #read(): Promise<ConfusionMatrix | null> {
    const { modelId, by, unseenOnly } = this;
    if (modelId === null) return null;
    const { connection, toasts } = this.#parts;
    const matrix = await toasts.attempt(() =>
      connection.engine.models.confusion({ modelId, by, unseenOnly }),
    );
    if (matrix?.by === this.by && matrix.unseenOnly === this.unseenOnly) this.matrix = matrix;
    return matrix;
  }
}
