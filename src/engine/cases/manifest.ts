/** @file The training images as they stand: what a case takes down of them, and by what runs are found outdated. */
import { createHash } from 'node:crypto';
import type { CaseManifest } from '../../contract/cases-service.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { countMissingFromManifest, isDataChangedSince, listManifest } from '../storage/cases.ts';
import type { Connection } from '../storage/connection.ts';
import { lastEventId } from '../storage/event-log.ts';
import { addRunProvenance, readRunProvenance } from '../storage/runs.ts';

export type Manifest = Omit<CaseManifest, 'unchanged' | 'at'>;

/** One line 'sha256 path' per training image, in the order of their paths: what is hashed. */
function* manifestLines(connection: Connection): Generator<string> {
  for (const { sha256, path } of listManifest(connection)) yield `${sha256} ${path}\n`;
}

/** What this connection changes of images leaves an event; what others write, an import above all, changes the version that they see of each other. */
interface Known {
  readonly version: unknown;
  /** The newest event when it was found that the manifest still holds. */
  readonly eventId: number;
  readonly manifest: Manifest;
}

const known = new WeakMap<Connection, Known>();

/** Kept until something may have changed: hashing 100,000 lines takes a good part of a second. */
export function currentManifest(connection: Connection): Manifest {
  const version = connection.pragma('data_version', { simple: true });
  const eventId = lastEventId(connection);
  const before = known.get(connection);
  const manifest =
    before === undefined || before.version !== version || isDataChangedSince(connection, before.eventId)
      ? readManifest(connection)
      : before.manifest;
  known.set(connection, { version, eventId, manifest });
  return manifest;
}

function readManifest(connection: Connection): Manifest {
  const hash = createHash('sha256');
  let imageCount = 0;
  for (const line of manifestLines(connection)) {
    hash.update(line);
    imageCount++;
  }
  return { imageCount, missingCount: countMissingFromManifest(connection), sha256: hash.digest('hex') };
}

/** Keeps with a run which training images there were when it read them. */
export function noteManifest(connection: Connection, runId: RunId): void {
  addRunProvenance(connection, runId, { manifestSha256: currentManifest(connection).sha256 });
}

/** Whether the training images are those that a run read. Runs of versions that did not keep it count as outdated: nothing says that they are not. */
export function sawTheseImages(connection: Connection, runId: RunId): boolean {
  return readRunProvenance(connection, runId)['manifestSha256'] === currentManifest(connection).sha256;
}
