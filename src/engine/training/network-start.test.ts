import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { buildClassifier } from '../../core/nn/classifier.ts';
import { TrainConfig } from '../../contract/runs-service.ts';
import type { ClassId, ModelId, RunId } from '../../contract/vocabulary.ts';
import { listClassNames, listPresentSamples } from '../storage/labelled-samples.ts';
import { insertModel } from '../storage/models.ts';
import { writeModelArtifact } from './model-artifact.ts';
import { startOf } from './network-start.ts';
import { assembleTrainingSet } from './training-set.ts';

let fixture: ProjectFixture;
beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 60 });
});
afterEach(() => fixture.remove());

const network = { architecture: 'mlp', channels: 1, imageSize: 16, classCount: 3, dropout: 0 } as const;
const parameters = buildClassifier(network).initialParameters(9);

/** A model of the project that tells `classIds` apart and has learned no image. */
function addBase(classIds: readonly ClassId[]): ModelId {
  const { connection, path } = fixture.folder;
  const runId = connection
    .prepare("INSERT INTO runs (kind, status, config, createdAt) VALUES ('train', 'finished', '{}', '2026')")
    .run().lastInsertRowid as RunId;
  writeModelArtifact(join(path, 'models/base'), { network, parameters, learned: [] });
  const figures = {
    trainCount: 0,
    testAccuracy: null,
    outOfSampleAccuracy: null,
    labelledAccuracy: null,
    excludedCount: null,
  };
  return insertModel(connection, {
    ...figures,
    ...{ runId, name: 'base', origin: 'built-in', architecture: 'mlp', baseModelId: null, hint: null },
    ...{ task: 'classify', denoiser: null },
    ...{ parameterCount: parameters.length, imageSize: 16, channels: 1, classIds, dataHash: '' },
    normalization: { means: [0.5], deviations: [0.25] },
    artifact: 'models/base',
  });
}

function start(given: Partial<TrainConfig>) {
  const { folder } = fixture;
  const config = TrainConfig.parse(given);
  const samples = listPresentSamples(folder.connection);
  return startOf(folder, config, assembleTrainingSet(samples, listClassNames(folder.connection), config));
}

describe('a training', () => {
  it('without a model to start from builds its architecture anew', () => {
    expect(start({ architecture: 'linear', imageSize: 20 })).toMatchObject({
      description: { architecture: 'linear', imageSize: 20, classCount: 3 },
      normalization: null,
      naming: { origin: 'built-in', baseModelId: null },
    });
  });

  it('from a model keeps its weights, its pixels and its head where the classes are the same', () => {
    const from = addBase(fixture.classIds);
    const started = start({ from });
    expect(started.network.initialParameters(1)).toEqual(parameters);
    expect(started).toMatchObject({
      imageSize: 16,
      normalization: { means: [0.5] },
      naming: { baseModelId: from },
    });
  });

  it('from a model of other classes keeps all but the head', () => {
    const started = start({ from: addBase(fixture.classIds.toReversed()) });
    const found = started.network.initialParameters(1);
    const head = started.network.parameters.at(-2)!.offset;
    expect(found.slice(0, head)).toEqual(parameters.slice(0, head));
    expect(found.slice(head)).not.toEqual(parameters.slice(head));
  });

  it('from an architecture alone draws fresh weights', () => {
    const started = start({ from: addBase(fixture.classIds), keep: 'architecture' });
    expect(started.network.initialParameters(9)).toEqual(parameters);
    expect(started.network.initialParameters(1)).not.toEqual(parameters);
  });

  it('of adapters needs a model that was brought as a file', () => {
    const code = (expected: string) => expect.objectContaining({ code: expected }) as unknown;
    expect(() => start({ loraRank: 4 })).toThrow(code('usage-invalid'));
    expect(() => start({ from: addBase(fixture.classIds), loraRank: 4 })).toThrow(code('model-cannot-start'));
  });
});
