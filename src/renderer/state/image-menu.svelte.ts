/** @file The menu of an image, or of all that are selected: what it is about, and where it was opened. */
import type { SampleSet } from '../../contract/sample-set.ts';
import type { GroupId, SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.svelte.ts';
import type { CulpritOrigin } from './culprits.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export interface MenuSubject {
  /** What the actions are done to. */
  readonly images: SampleSet;
  /** The one that the menu was opened on. */
  readonly lead: SampleId;
  /** An image that it can be looked at beside, such as the one that is explained. */
  readonly beside?: SampleId;
  /** Of evidence: what the image was found to pull. */
  readonly evidence?: CulpritOrigin;
}

/** In pixels of the window. */
export interface MenuPlace {
  readonly x: number;
  readonly y: number;
}

interface OpenedMenu {
  readonly subject: MenuSubject;
  readonly at: MenuPlace;
  /** What had the focus. */
  readonly returnTo: HTMLElement | null;
}

export class ImageMenu {
  opened = $state.raw<OpenedMenu | null>(null);
  /** The groups that the images are in; null: not yet known. */
  holding = $state.raw<ReadonlySet<GroupId> | null>(null);
  readonly #connection: Connection;
  readonly #toasts: Toasts;

  constructor(connection: Connection, toasts: Toasts) {
    this.#connection = connection;
    this.#toasts = toasts;
  }

  open(subject: MenuSubject, at: MenuPlace): void {
    const focused = document.activeElement;
    this.holding = null;
    this.opened = { subject, at, returnTo: focused instanceof HTMLElement ? focused : null };
    void this.#readHolding(subject);
  }

  close(): void {
    this.opened = null;
  }

  async #readHolding(subject: MenuSubject): Promise<void> {
    const found = await this.#toasts.attempt(() =>
      this.#connection.engine.groups.holding({ images: subject.images }),
    );
    if (this.opened?.subject === subject && found !== null)
      this.holding = new Set(found.map(({ groupId }) => groupId));
  }
}
