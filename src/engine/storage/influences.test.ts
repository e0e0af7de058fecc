import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertModel, makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { AttributionChoices } from '../../contract/attribution-choices.ts';
import { RunRequest } from '../../contract/runs-service.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import {
  findAttribution,
  findInfluences,
  insertAttribution,
  saveAttributionCost,
  saveInfluences,
} from './influences.ts';
import { insertRun, markRunFinished } from './runs.ts';

let fixture: ProjectFixture;
beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 5 });
});
afterEach(() => {
  fixture.remove();
});

/** A finished attribution run with these choices, which covers image 1. */
function attribute(choices: object) {
  const { connection } = fixture.folder;
  const { modelId } = insertModel(fixture);
  const plan = RunRequest.parse({ kind: 'attribute', config: { ...choices, modelId } });
  const runId = insertRun(connection, plan, { processId: 1, heartbeatMs: 0, versions: {} });
  const attribution = {
    runId,
    modelId,
    choices: plan.config as AttributionChoices,
    damping: 2,
    relativeDamping: 0.1,
  };
  const id = insertAttribution(connection, attribution);
  const targetId = 1 as SampleId;
  saveInfluences(connection, id, [{ targetId, proponents: [{ sampleId: 2, score: 1 }], opponents: [] }]);
  markRunFinished(connection, runId, {});
  return { id, runId, modelId };
}

const cost = { trainSeconds: 1, cacheSeconds: 2, serveSeconds: 3, modelBytes: 4, featureBytes: 5 };

describe('an attribution', () => {
  it('is kept with the choices it was made by, nothing else of the run, and what it took', () => {
    const { connection } = fixture.folder;
    const choices = { method: 'grad-dot', ensemble: 'dropout', models: 3, normalisation: 'renormalised' };
    const { id, modelId } = attribute({ ...choices, topCount: 7 });
    expect(findAttribution(connection, modelId)).toMatchObject({ cost: null, relativeDamping: 0.1 });
    saveAttributionCost(connection, id, cost);
    const found = findAttribution(connection, modelId)!;
    expect(found.choices).toEqual(AttributionChoices.parse(choices));
    expect(found.cost).toEqual(cost);
  });

  it('of a project from before choices were kept is read by its method', () => {
    const { connection } = fixture.folder;
    const { id, modelId } = attribute({ method: 'grad-cos' });
    connection.prepare("UPDATE attributions SET choices = '{}' WHERE id = ?").run(id);
    expect(findAttribution(connection, modelId)!.choices).toEqual(
      AttributionChoices.parse({ method: 'grad-cos' }),
    );
  });

  it('answers for an image by the run that is asked for, else by the newest', () => {
    const { connection } = fixture.folder;
    const [first, second] = [attribute({ method: 'trak' }), attribute({ method: 'grad-dot' })];
    const methodOf = (runId: typeof first.runId | null) =>
      findInfluences(connection, 1 as SampleId, runId)!.attribution.choices.method;
    expect([methodOf(null), methodOf(first.runId), methodOf(second.runId)]).toEqual([
      'grad-dot',
      'trak',
      'grad-dot',
    ]);
  });
});
