import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertModel, makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { AttributionChoices } from '../../contract/attribution-choices.ts';
import { Evaluation } from '../../contract/evaluations-service.ts';
import type { ModelId, RunId } from '../../contract/vocabulary.ts';
import { listEvaluations, removeEvaluation, saveEvaluations, type NewEvaluation } from './evaluations.ts';

let fixture: ProjectFixture;
let ids: { runId: RunId; modelId: ModelId };

const measured = (title: string): NewEvaluation => ({
  modelId: ids.modelId,
  kind: 'lds',
  title,
  choices: AttributionChoices.parse({}),
  score: 0.41,
  deviation: 0.02,
  ceiling: 0.78,
  chance: { mean: 0, deviation: 0.03 },
  figures: { subsets: 50 },
  curves: [{ name: 'damping', points: [{ x: 0.1, y: 0.4, deviation: null }] }],
  cost: null,
});

beforeAll(() => {
  fixture = makeProjectFixture();
  ids = insertModel(fixture);
});
afterAll(() => fixture.remove());

describe('stored evaluations', () => {
  it('come back as they were measured, for their model and for all', () => {
    const { connection } = fixture.folder;
    saveEvaluations(connection, ids.runId, [measured('first'), { ...measured('second'), choices: null }]);
    const [first, second] = listEvaluations(connection, ids.modelId).map((row) => Evaluation.parse(row));
    expect(first).toMatchObject({ ...measured('first'), runId: ids.runId });
    expect(second).toMatchObject({ title: 'second', choices: null });
    expect(listEvaluations(connection, null)).toHaveLength(2);
    expect(listEvaluations(connection, (ids.modelId + 1) as ModelId)).toEqual([]);
  });

  it('of a run replace what an earlier attempt of it had stored, and can be removed', () => {
    const { connection } = fixture.folder;
    saveEvaluations(connection, ids.runId, [measured('again'), measured('other')]);
    const [again, other] = listEvaluations(connection, null);
    expect([again!.title, other!.title]).toEqual(['again', 'other']);
    removeEvaluation(connection, again!.id);
    expect(listEvaluations(connection, null).map(({ title }) => title)).toEqual(['other']);
  });
});
