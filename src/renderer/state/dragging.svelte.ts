/** @file Images that are being dragged; places that take them show themselves meanwhile. */
import type { SampleId } from '../../contract/vocabulary.ts';

export class Dragging {
  /** null: nothing is dragged. */
  sampleIds = $state.raw<readonly SampleId[] | null>(null);

  start(sampleIds: readonly SampleId[]): void {
    // A page that changes under the pointer at once ends the drag.
    setTimeout(() => (this.sampleIds = sampleIds));
  }

  end(): void {
    setTimeout(() => (this.sampleIds = null));
  }
}
