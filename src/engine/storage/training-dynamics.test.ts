import { afterEach, beforeEach, expect, it } from 'vitest';
import { insertModel, makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { insertDynamics, readDynamics } from './training-dynamics.ts';

let fixture: ProjectFixture;
beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 3 });
});
afterEach(() => fixture.remove());

it('what trainings saw of an image is kept with the model, never learned included', () => {
  const { connection } = fixture.folder;
  const { modelId } = insertModel(fixture);
  const image = {
    sampleId: fixture.sampleIds[1]!,
    margin: -1.5,
    loss: 2,
    errorLength: 0.7,
    forgettings: Infinity,
  };
  insertDynamics(connection, modelId, [image]);
  expect(readDynamics(connection, modelId)).toEqual(new Map([[image.sampleId, image]]));
});
