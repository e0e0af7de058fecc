import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { changeExclusion } from '../storage/exclusions.ts';
import { colourPoints } from './colour-points.ts';

let fixture: ProjectFixture;
beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 8 });
});
afterEach(() => fixture.remove());

describe('colourPoints', () => {
  it('tells what is excluded from what is not, image by image', () => {
    const { connection } = fixture.folder;
    const ids = Int32Array.from(fixture.sampleIds);
    changeExclusion(connection, { sampleIds: fixture.sampleIds.slice(2, 4), excluded: true }, 'Ada');
    const colours = colourPoints(connection, ids, { kind: 'exclusion' });
    expect(colours).toMatchObject({
      entries: [
        { name: 'included', count: 6 },
        { name: 'excluded', count: 2 },
      ],
      without: 0,
    });
    expect(colours.kind === 'categories' && Array.from(colours.codes)).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
  });
});
