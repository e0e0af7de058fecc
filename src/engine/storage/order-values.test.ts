import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertModel, makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { SampleFilter } from '../../contract/samples-service.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { saveIssueRun } from './issues.ts';
import { readOrderValues } from './order-values.ts';
import { querySamples } from './samples.ts';

let fixture: ProjectFixture;
beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 12, unlabelledShare: 0.2 });
});
afterEach(() => fixture.remove());

const connection = () => fixture.folder.connection;
/** Of the whole grid in this order. */
function valuesBy(by: string): (string | number | null)[] {
  const ids = querySamples(connection(), SampleFilter.parse({}), { by, descending: false });
  return readOrderValues(connection(), by, Array.from(ids) as SampleId[]);
}

describe('readOrderValues', () => {
  it('names classes, rises with the order, and leaves what has no value to the end', () => {
    const labels = valuesBy('label');
    const named = labels.filter((label) => label !== null);
    expect(named).toEqual([...named].sort());
    expect(labels.slice(named.length).every((label) => label === null)).toBe(true);
    expect(named.length).toBeLessThan(12);
    const widths = valuesBy('width') as number[];
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
  });

  it('reads scores of the newest ranking, paths, and the time of import', () => {
    const { runId, modelId } = insertModel(fixture);
    saveIssueRun(
      connection(),
      { runId, modelId, method: 'combined', estimatedNoise: null, seenEventId: 0, evidenceMethod: null },
      fixture.sampleIds.slice(0, 2).map((sampleId, place) => ({
        ...{ sampleId, score: 0.9 - place / 2, flagged: false, signals: {} },
        ...{ givenLabel: fixture.classIds[0]!, suggestedLabel: fixture.classIds[1]! },
      })),
    );
    expect(valuesBy('label_score').slice(0, 3)).toEqual([0.4, 0.9, null]);
    expect(valuesBy('path').every((path) => typeof path === 'string')).toBe(true);
    expect(valuesBy('import')[0]).toMatch(/^\d{4}-/);
  });

  it('answers in the order asked, null for an image that is not there', () => {
    const [first, second] = fixture.sampleIds;
    expect(readOrderValues(connection(), 'id', [second!, 999 as SampleId, first!])).toEqual([
      second,
      null,
      first,
    ]);
  });
});
