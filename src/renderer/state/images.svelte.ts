/** @file Addresses of images. The same relative paths are answered by the desktop's asset protocol and by served mode. */
import type { QueryImage } from '../../contract/queries-service.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';

export class Images {
  /**
   * Part of every address, so that a cached picture is never shown for another one: it changes with the project and
   * with each import, the only moments at which a sample's pixels can change.
   */
  readonly #version: string;

  constructor(project: Project, runs: Runs) {
    this.#version = $derived.by(() => {
      const lastImport = runs.list.find((run) => run.kind === 'import' && run.status === 'finished');
      return `${hashText(`${project.summary?.path ?? ''}|${project.summary?.createdAt ?? ''}`)}-${lastImport?.id ?? 0}`;
    });
  }

  /** A thumbnail large enough for `shownPixels` CSS pixels. */
  thumbnail(id: SampleId, shownPixels: number): string {
    const size = shownPixels * window.devicePixelRatio > 112 ? 256 : 96;
    return `/thumb/${id}?size=${size}&v=${this.#version}`;
  }

  /** The original. */
  full(id: SampleId): string {
    return `/image/${id}?v=${this.#version}`;
  }

  /** A query image. Its hash is part of the address: the number may stand for another one in another project. */
  query({ id, sha256 }: Pick<QueryImage, 'id' | 'sha256'>): string {
    return `/query/${id}?v=${sha256.slice(0, 16)}`;
  }

  /** Fetches and decodes ahead, so that the next image is there when it is asked for. */
  preload(addresses: readonly string[]): void {
    void this.ready(addresses);
  }

  /** The same, and waits until all have come. */
  async ready(addresses: readonly string[]): Promise<void> {
    await Promise.allSettled(
      // A picture that cannot be decoded is reported where it is shown.
      addresses.map((address) => {
        const image = new Image();
        image.src = address;
        return image.decode();
      }),
    );
  }
}

/** FNV-1a, in base 36. */
function hashText(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}
