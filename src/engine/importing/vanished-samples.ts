/** @file Which known samples are not where they were, and so may be what turned up somewhere else. */
import { basename } from 'node:path';
import type { FoundSample, KnownSample } from '../storage/imports.ts';
import type { Source } from './open-source.ts';

export class VanishedSamples {
  readonly #bySha256: Map<string, KnownSample[]>;

  constructor(known: ReadonlyMap<string, KnownSample>, source: Source) {
    const present = new Set(source.images.map(({ path }) => path));
    // Nothing is known about what lies under a folder that could not be read: those samples stay as they are.
    const { closed } = source;
    const isClosed = (path: string): boolean =>
      closed.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
    const gone = [...known.values()].filter(({ path }) => !present.has(path) && !isClosed(path));
    this.#bySha256 = Map.groupBy(gone, ({ sha256 }) => sha256);
  }

  /** The vanished sample with this content, each once; of several the one with the same file name, then the oldest. */
  take(found: Pick<FoundSample, 'path' | 'sha256'>): KnownSample | null {
    const candidates = this.#bySha256.get(found.sha256);
    if (candidates === undefined || candidates.length === 0) return null;
    const namesake = candidates.findIndex(({ path }) => basename(path) === basename(found.path));
    return candidates.splice(Math.max(0, namesake), 1)[0]!;
  }

  /** What did not turn up. */
  remaining(): KnownSample[] {
    return [...this.#bySha256.values()].flat();
  }
}
