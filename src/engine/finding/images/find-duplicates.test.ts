import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeProjectFixture, type ProjectFixture } from '../../../../testing/project-fixture.ts';
import { Random } from '../../../core/base/random.ts';
import { FindIssuesConfig } from '../../../contract/image-issues-service.ts';
import type { ImageIssueKind } from '../../../contract/issue-kinds.ts';
import { listMeasured, saveMeasures } from '../../storage/image-measures.ts';
import { findDuplicates, type DuplicateSearch } from './find-duplicates.ts';

let fixture: ProjectFixture;
beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 4 });
});
afterEach(() => fixture.remove());

const connection = () => fixture.folder.connection;

/** Brightness of noise; `shared`: how much of it is that of the first image. */
function noise(seed: number, shared: number): Uint8Array {
  const [common, own] = [new Random(0, 'common'), new Random(seed, 'own')];
  return Uint8Array.from(
    { length: 1024 },
    () => 127 + 25 * (shared * common.normal() + Math.sqrt(1 - shared ** 2) * own.normal()),
  );
}

function measure(signatures: readonly Uint8Array[], pixelHashes: readonly string[]): void {
  const shas = connection().prepare('SELECT sha256 FROM samples ORDER BY id').pluck().all() as string[];
  const measures = { luminance: 0.5, shadows: 0.2, highlights: 0.8, contrast: 0.2, entropy: 5, sharpness: 1 };
  saveMeasures(
    connection(),
    fixture.sampleIds.map((id, place) => ({
      ...{ id, sha256: shas[place]!, ...measures },
      ...{ pixelHash: pixelHashes[place]!, signature: signatures[place]! },
    })),
  );
}

function search(kinds: ImageIssueKind[], found: Partial<DuplicateSearch> = {}): number[][] {
  const config = FindIssuesConfig.parse({ kinds, thresholds: { 'near-duplicate': 0.6 } });
  const { signal } = new AbortController();
  const scans = findDuplicates(connection(), listMeasured(connection()), {
    ...{ config, signal, neighbours: [], pairs: [], ...found },
  });
  return scans.flatMap(({ issues }) =>
    issues.map(({ members }) => members.map(({ sampleId }) => fixture.sampleIds.indexOf(sampleId))),
  );
}

describe('findDuplicates', () => {
  it('takes what an embedding finds near for candidates, and looks at their pixels itself', () => {
    measure([noise(1, 1), noise(2, 0.68), noise(3, 0.1), noise(4, 0)], ['a', 'b', 'c', 'd']);
    const near = (first: number, second: number) => ({
      ...{ first: fixture.sampleIds[first]!, second: fixture.sampleIds[second]! },
    });
    connection().exec("UPDATE samples SET split = 'train'");
    // Too far apart for the perceptual hash.
    expect(search(['near-duplicate'])).toEqual([]);
    const neighbours = [near(0, 1), near(0, 2)];
    expect(search(['near-duplicate'], { neighbours })).toEqual([[0, 1]]);
    // What is so alike to the model that nothing else is asked.
    expect(search(['near-duplicate'], { pairs: [near(0, 3)] })).toEqual([[0, 3]]);
  });

  it('begins a leak with images of two splits', () => {
    measure([noise(1, 1), noise(1, 1), noise(1, 1), noise(4, 0)], ['a', 'a', 'a', 'd']);
    connection().exec("UPDATE samples SET split = 'train'");
    connection().prepare("UPDATE samples SET split = 'test' WHERE id = ?").run(fixture.sampleIds[2]!);
    expect(search(['leakage'])).toEqual([[0, 2, 1]]);
  });
});
