/** @file Images that are being dragged; places that take them show themselves meanwhile. */
import type { SampleSet } from '../../contract/sample-set.ts';

export class Dragging {
  /** null: nothing is dragged. */
  images = $state.raw<SampleSet | null>(null);

  start(images: SampleSet): void {
    // A page that changes under the pointer at once ends the drag.
    setTimeout(() => (this.images = images));
  }

  end(): void {
    setTimeout(() => (this.images = null));
  }
}
