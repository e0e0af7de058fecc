/** @file Pictures of images: their addresses, which the desktop's asset protocol and served mode answer alike, and small ones by the page. */
import type { QueryImage } from '../../contract/queries-service.ts';
import type { ThumbnailSize } from '../../contract/samples-service.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.svelte.ts';
import { ImageCache } from './image-cache.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

interface TilePicture {
  readonly id: SampleId;
  readonly src: string;
}

interface ImagesOptions {
  readonly connection: Connection;
  readonly project: Project;
  readonly runs: Runs;
  readonly toasts: Toasts;
}

/** A view of pictures comes in a few answers, so that the first are there soon. */
const PICTURE_PAGE = 100;
/** About 15 MiB of either size. */
const KEPT_PICTURES = { 96: 5000, 256: 1000 } as const satisfies Record<ThumbnailSize, number>;

export class Images {
  /**
   * Part of every address, so that a cached picture is never shown for another one: it changes with the project and
   * with each import, the only moments at which a sample's pixels can change.
   */
  readonly #version: string;
  readonly #options: ImagesOptions;
  readonly #pictures: Readonly<Record<ThumbnailSize, ImageCache<TilePicture>>>;

  constructor(options: ImagesOptions) {
    const { project, runs } = options;
    this.#options = options;
    this.#pictures = { 96: this.#cacheOf(96), 256: this.#cacheOf(256) };
    project.onOpened(() => this.#forgetPictures());
    runs.onEnd((run) => {
      if (run.kind === 'import') this.#forgetPictures();
    });
    this.#version = $derived.by(() => {
      const lastImport = runs.list.find((run) => run.kind === 'import' && run.status === 'finished');
      return `${hashText(`${project.summary?.path ?? ''}|${project.summary?.createdAt ?? ''}`)}-${lastImport?.id ?? 0}`;
    });
  }

  /** The address of a thumbnail large enough for `shownPixels` CSS pixels. */
  thumbnail(id: SampleId, shownPixels: number): string {
    return this.#address(id, sizeFor(shownPixels));
  }

  /** The same for one of very many, which has been asked for with `requestTiles`; null until it has come. */
  tile(id: SampleId, shownPixels: number): string | null {
    return this.#pictures[sizeFor(shownPixels)].get(id)?.src ?? null;
  }

  /**
   * Fetches pictures of tiles. What is stored comes in pages as part of the answer: an address each would take the browser
   * several milliseconds of a processor, twenty times as long.
   */
  requestTiles(ids: Iterable<SampleId>, shownPixels: number): void {
    this.#pictures[sizeFor(shownPixels)].request(ids);
  }

  /** The same, and ends when they have come. */
  tilesReady(ids: Iterable<SampleId>, shownPixels: number): Promise<void> {
    return this.#pictures[sizeFor(shownPixels)].ready(ids);
  }

  /** Changes when pictures of tiles are to be asked for again. */
  get tilesVersion(): number {
    return this.#pictures[96].version + this.#pictures[256].version;
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
    for (const address of addresses) {
      const image = new Image();
      image.src = address;
      // A picture that cannot be decoded is reported where it is shown.
      image.decode().catch(() => undefined);
    }
  }

  #address(id: SampleId, size: ThumbnailSize): string {
    return `/thumb/${id}?size=${size}&v=${this.#version}`;
  }

  #cacheOf(size: ThumbnailSize): ImageCache<TilePicture> {
    const { connection, toasts } = this.#options;
    return new ImageCache({
      fetch: async (ids) => {
        const stored = await toasts.attempt(() => connection.engine.samples.thumbnails({ ids, size }));
        return ids.map((id, index) => {
          const picture = stored?.[index] ?? null;
          return { id, src: picture === null ? this.#address(id, size) : dataAddress(picture) };
        });
      },
      pageSize: PICTURE_PAGE,
      keptCount: KEPT_PICTURES[size],
    });
  }

  #forgetPictures(): void {
    for (const pictures of Object.values(this.#pictures)) pictures.clear();
  }
}

function sizeFor(shownPixels: number): ThumbnailSize {
  return shownPixels * window.devicePixelRatio > 112 ? 256 : 96;
}

/** An address that holds the picture itself. */
function dataAddress({ bytes, type }: { readonly bytes: Uint8Array; readonly type: string }): string {
  let characters = '';
  for (const byte of bytes) characters += String.fromCharCode(byte);
  return `data:${type};base64,${btoa(characters)}`;
}

/** FNV-1a, in base 36. */
function hashText(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}
