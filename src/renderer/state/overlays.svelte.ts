/** @file Which dialog lies over the screens: at most one. */
import { setOfSamples, type SampleSet } from '../../contract/sample-set.ts';
import type { ClassId, SampleId } from '../../contract/vocabulary.ts';

export type OverlayName =
  | 'palette'
  | 'help'
  | 'export'
  | 'add-model'
  | 'attribute'
  | 'evaluate'
  | 'evaluate-generative'
  | 'import-denoiser'
  | 'make-images'
  | 'add-images'
  | 'trace-images'
  | 'trace-groups'
  | 'measure-removal'
  | 'define-groups'
  | 'open-case'
  | 'make-map'
  | 'maps'
  | 'rank-labels'
  | 'noise'
  | 'find-issues'
  | 'issue-rules'
  | 'class-picker'
  | 'tag-picker'
  | 'tags'
  | 'confusion'
  | 'compare';

/** What a class is chosen for. */
export interface ClassRequest {
  readonly title: string;
  readonly choose: (label: ClassId) => void;
}

export class Overlays {
  open = $state<OverlayName | null>(null);
  classRequest = $state.raw<ClassRequest | null>(null);

  /** Images that a tag is chosen for. */
  toTag = $state.raw<SampleSet>(setOfSamples([]));

  /** Images that are looked at beside each other. */
  pair = $state.raw<readonly [SampleId, SampleId] | null>(null);

  show(name: OverlayName): void {
    this.open = name;
  }

  /** Asks the person for a class. */
  askForClass(title: string, choose: (label: ClassId) => void): void {
    this.classRequest = { title, choose };
    this.open = 'class-picker';
  }

  /** Asks the person for a tag to give to these images or take from them. */
  askForTag(images: SampleSet): void {
    this.toTag = images;
    this.open = 'tag-picker';
  }

  compare(left: SampleId, right: SampleId): void {
    this.pair = [left, right];
    this.open = 'compare';
  }

  close(): void {
    this.open = null;
  }
}
