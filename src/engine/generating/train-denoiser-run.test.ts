import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  makeGenerativeProject,
  tinyTraining,
  type GenerativeProject,
  type RunChanges,
} from '../../../testing/generative-project.ts';
import { watchRuns } from '../../../testing/watched-executor.ts';
import { classInput } from '../../core/nn/denoiser/u-net.ts';
import { CancelledError } from '../../core/base/app-error.ts';
import type { Run } from '../../contract/runs-service.ts';
import type { ModelId, RunId } from '../../contract/vocabulary.ts';
import { SelectConfig } from '../../contract/selection-config.ts';
import { TrainDenoiserConfig } from '../../contract/generation-configs.ts';
import { listPresentSamples } from '../storage/labelled-samples.ts';
import { findModelOfRun, readModel } from '../storage/models.ts';

import { listRuns } from '../storage/runs.ts';
import { saveSubset } from '../storage/subsets.ts';
import { readDenoiserArtifact, type DenoiserArtifact } from './denoiser-artifact.ts';
import { listDenoiserCheckpoints } from './denoiser-checkpoints.ts';
import { loadDenoiser } from './loaded-denoiser.ts';
import { modelStream, retrainingOf } from './retraining.ts';
import { listSheets, readSheet } from './sheets.ts';
import { trainDenoiser } from './train-denoiser.ts';

let project: GenerativeProject;
beforeAll(async () => {
  project = await makeGenerativeProject({ train: 12, test: 4, classCount: 2, queries: 0 });
});
afterAll(() => project.remove());

async function train(config: object = {}, changes: RunChanges = {}): Promise<Run> {
  return project.runHere({ kind: 'train-denoiser', config: { ...tinyTraining, ...config } }, changes);
}

function modelOf({ id }: Pick<Run, 'id'>): ReturnType<typeof readModel> {
  return readModel(project.folder.connection, findModelOfRun(project.folder.connection, id), 'generate');
}

function artifactOf(run: Pick<Run, 'id'>): DenoiserArtifact {
  return readDenoiserArtifact(join(project.path, modelOf(run).artifact));
}

/** Aborted as soon as the training has done so many steps. */
function stopAfter(step: number): RunChanges {
  const abort = new AbortController();
  const onProgress = (stage: string): void => {
    if (stage.startsWith(`Step ${step} of`)) abort.abort();
  };
  return { signal: abort.signal, onProgress };
}

describe('a training of a denoiser', () => {
  it('of equal seeds ends in equal bits, and of another seed in others', async () => {
    const [first, again, other] = [await train(), await train(), await train({ seed: 1 })];
    expect(artifactOf(again)).toEqual(artifactOf(first));
    expect(artifactOf(other).parameters).not.toEqual(artifactOf(first).parameters);
    expect(modelOf(again).denoiser!.curve).toEqual(modelOf(first).denoiser!.curve);
  });

  it('that was interrupted and resumed ends in the same bits as one that was not', async () => {
    const whole = await train();
    await expect(train({}, stopAfter(7))).rejects.toThrow(CancelledError);
    const stopped = listRuns(project.folder.connection)[0]!;
    expect(existsSync(join(project.path, 'models', `run-${stopped.id}.partial`, 'main.checkpoint'))).toBe(
      true,
    );
    const stages: string[] = [];
    const resumed = await train({}, { runId: stopped.id, onProgress: (stage) => stages.push(stage) });
    expect(stages.filter((stage) => stage.startsWith('Step'))).toHaveLength(12 - 7);
    expect(artifactOf(resumed)).toEqual(artifactOf(whole));
    expect(modelOf(resumed).denoiser!.curve).toEqual(modelOf(whole).denoiser!.curve);
    expect(existsSync(join(project.path, 'models', `run-${stopped.id}.partial`))).toBe(false);
  });

  it('measures unseen images along the way and at the end, however many steps it has', async () => {
    const { curve } = modelOf(await train({ steps: 134, batchSize: 2 })).denoiser!;
    const measured = curve.filter(({ heldOut }) => heldOut !== null);
    expect(measured.length).toBeGreaterThan(8);
    expect(measured.at(-1)!.step).toBe(134);
    for (const { heldOut } of measured) expect(heldOut).toBeGreaterThan(0);
  });

  it('leaves a sheet of sixteen images, checkpoints at even steps, and its facts', async () => {
    const run = await train({ imageSize: 16 });
    expect(listSheets(project.folder, run.id)).toEqual([12]);
    const { width, height } = await sharp(readSheet(project.folder, run.id, 12)).metadata();
    expect([width, height]).toEqual([4 * 16, 4 * 16]);
    const { parameterCount, denoiser } = modelOf(run);
    const config = TrainDenoiserConfig.parse({ ...tinyTraining, imageSize: 16 });
    const kept = listDenoiserCheckpoints(project.folder, run.id, config, 3, parameterCount);
    expect(kept.map(({ step }) => step)).toEqual([4, 8, 12]);
    expect(kept[2]!.read().average).toEqual(artifactOf(run).average);
    expect(denoiser).toMatchObject({ prediction: 'epsilon', timesteps: 50, conditional: false, steps: 12 });
    expect(run.summary).toMatchObject({ imageSize: 16, trainCount: 12 });
  });

  it('shares the learning of all its steps among the checkpoints that stand for it', async () => {
    const config = TrainDenoiserConfig.parse(tinyTraining);
    const run = await train();
    const sums = [1, 3].map((count) =>
      listDenoiserCheckpoints(project.folder, run.id, config, count, modelOf(run).parameterCount).reduce(
        (sum, { learning }) => sum + learning,
        0,
      ),
    );
    expect(sums[0]).toBeCloseTo(sums[1]!, 12);
    expect(sums[0]).toBeGreaterThan(0);
  });

  it('with classes tells each image its own, and keeps the class from some', async () => {
    const heard: Float32Array[] = [];
    const executor = watchRuns(project.tools.executor, (feeds) => {
      const isTraining = feeds['targets'] !== undefined;
      if (isTraining) heard.push(Float32Array.from(feeds[classInput]!.data as Float32Array));
    });
    const run = await train({ conditional: true, conditionDropout: 0.25, steps: 24 }, { executor });
    const { classIds } = modelOf(run);
    expect(classIds).toHaveLength(2);
    const labels = new Map(listPresentSamples(project.folder.connection).map(({ id, label }) => [id, label]));
    for (const { sampleId, classIndex } of artifactOf(run).learned)
      expect(classIds[classIndex]).toBe(labels.get(sampleId));
    const told = heard.flatMap((classes) =>
      Array.from({ length: classes.length / 2 }, (_, image) => [classes[2 * image], classes[2 * image + 1]]),
    );
    const share = (of: number[]): number =>
      told.filter((each) => each.join() === of.join()).length / told.length;
    expect(share([0, 0])).toBeGreaterThan(0.1);
    expect(share([0, 0])).toBeLessThan(0.45);
    expect(share([0, 0]) + share([1, 0]) + share([0, 1])).toBe(1);
    expect(Math.min(share([1, 0]), share([0, 1]))).toBeGreaterThan(0.2);
  });

  it('of a subset learns its images of the train split and nothing else', async () => {
    const samples = listPresentSamples(project.folder.connection);
    const members = samples.filter((_, place) => place % 2 === 0);
    const subset = saveSubset(
      project.folder.connection,
      {
        ...{ runId: 1 as RunId, modelId: 1 as ModelId, name: 'half', strategy: 'random', keep: 'high' },
        choices: SelectConfig.parse({ share: 0.5 }),
        ...{ candidateCount: samples.length, classes: [], folders: [], predicted: null },
      },
      members.map(({ id }) => ({ sampleId: id, score: null })),
    );
    const wanted = members.filter(({ split }) => split === 'train').map(({ id }) => id);
    expect(wanted.length).toBeLessThan(members.length);
    const run = await train({ subset });
    expect(artifactOf(run).learned.map(({ sampleId }) => sampleId)).toEqual(wanted);
    expect(modelOf(run).trainCount).toBe(wanted.length);
  });

  it('refuses a side that the network cannot halve, and says which it can', async () => {
    await expect(train({ imageSize: 10 })).rejects.toMatchObject({
      code: 'usage-invalid',
      details: { reason: expect.stringMatching(/ddpm-tiny .* multiple of 4, and 10 is none/) as string },
    });
  });

  it('that diverges ends with the step and the learning rate', async () => {
    await expect(train({ learningRate: 1e30 })).rejects.toMatchObject({
      code: 'denoiser-diverged',
      details: { learningRate: 1e30 },
    });
  });

  it('done again on all that the model learned ends in the model itself', async () => {
    const run = await train({ dropout: 0.2, augmentation: ['flip'] });
    const { folder, tools } = project;
    const context = { runId: run.id, signal: new AbortController().signal, progress: () => undefined };
    const model = await loadDenoiser(folder, modelOf(run).id, context, tools);
    const rows = Int32Array.from(model.learned, ({ row }) => row);
    const { task } = retrainingOf(folder, model, { rows, stream: modelStream, initialStream: modelStream });
    const again = await trainDenoiser(tools.executor, { ...task, checkpointPath: null });
    expect(again.parameters).toEqual(model.parameters);
    expect(again.average).toEqual(model.average);
    model.images.close();
  });

  it('whose weights were damaged says so instead of being used', async () => {
    const run = await train({ steps: 1 });
    const path = join(project.path, modelOf(run).artifact);
    appendFileSync(join(path, 'denoiser.f32'), 'x');
    expect(() => readDenoiserArtifact(path)).toThrow(expect.objectContaining({ code: 'artifact-damaged' }));
    expect(existsSync(join(path, 'denoiser.f32'))).toBe(true);
  });
});
