import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { SampleFilter } from '../../contract/samples-service.ts';
import { countFacets } from '../storage/sample-facets.ts';
import { Counting } from './counting.ts';

let fixture: ProjectFixture;
let counting: Counting;

beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 12 });
  counting = new Counting(fixture.folder);
});

afterEach(async () => {
  await counting.dispose();
  fixture.remove();
});

/** The number of its last image says how large a project is. */
function pretendToBeLarge(): void {
  const { connection } = fixture.folder;
  connection.pragma('foreign_keys = OFF');
  connection.prepare('UPDATE samples SET id = 1000000 WHERE id = (SELECT max(id) FROM samples)').run();
}

const filter = SampleFilter.parse({});

describe('counting', () => {
  it('in a thread of its own gives what counting here gives, and follows decisions', async () => {
    const here = await counting.count('facets', { filter });
    pretendToBeLarge();
    expect(await counting.count('facets', { filter })).toEqual(here);
    fixture.folder.connection.prepare('UPDATE samples SET missing = 1').run();
    const { project } = await counting.count('summaries', null);
    expect(project.missingCount).toBe(12);
    expect(await counting.count('facets', { filter })).toEqual(
      countFacets(fixture.folder.connection, filter),
    );
  });

  it('says there what is wrong with a question as it does here, and goes on', async () => {
    pretendToBeLarge();
    const unclear = SampleFilter.parse({ query: 'label =' });
    await expect(counting.count('facets', { filter: unclear })).rejects.toMatchObject({
      code: 'query-invalid',
    });
    expect(await counting.count('facets', { filter })).toMatchObject({ total: 12 });
  });

  it('tells whoever waits when the project closes', async () => {
    pretendToBeLarge();
    const told = expect(counting.count('facets', { filter })).rejects.toThrow();
    await counting.dispose();
    await told;
  });
});
