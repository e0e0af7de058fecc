import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeGenerativeProject, type GenerativeProject } from '../../../testing/generative-project.ts';
import type { ClassId } from '../../contract/vocabulary.ts';
import { CancelledError } from '../../core/base/app-error.ts';
import { readModel } from '../storage/models.ts';
import { listQueries, type StoredQuery } from '../storage/queries.ts';

let project: GenerativeProject;
beforeAll(async () => {
  // Far enough for the classes to show in the pixels.
  const config = { conditional: true, steps: 30, learningRate: 0.02, averageDecay: 0 };
  project = await makeGenerativeProject({ train: 12, test: 4, classCount: 2, config, queries: 0 });
});
afterAll(() => project.remove());

/** The images of a new run, by their number. */
async function sample(config: object, changes: object = {}): Promise<StoredQuery[]> {
  const request = { kind: 'sample-images', config: { steps: 5, ...config } };
  const { id } = await project.runHere(request, changes);
  return listQueries(project.folder.connection)
    .filter(({ runId }) => runId === id)
    .reverse();
}

const hashesOf = (queries: readonly StoredQuery[]): string[] => queries.map(({ sha256 }) => sha256);

describe.each(['ddim', 'ddpm'])('images made by %s', (sampler) => {
  it('are the same for equal seeds, however many are made, and others for another seed', async () => {
    const three = hashesOf(await sample({ sampler, count: 3 }));
    const seven = hashesOf(await sample({ sampler, count: 7 }));
    expect(seven.slice(0, 3)).toEqual(three);
    expect(new Set(seven).size).toBe(7);
    const other = hashesOf(await sample({ sampler, count: 3, seed: 1 }));
    expect(other.filter((hash) => seven.includes(hash))).toEqual([]);
  });
});

describe('made images', () => {
  it('differ between the samplers, and between numbers of steps', async () => {
    const made = [
      ...(await sample({ count: 1, sampler: 'ddim' })),
      ...(await sample({ count: 1, sampler: 'ddpm' })),
      ...(await sample({ count: 1, sampler: 'ddim', steps: 6 })),
    ];
    expect(new Set(hashesOf(made)).size).toBe(3);
  });

  it('are kept with what they were made from', async () => {
    const [, second] = await sample({ count: 2, seed: 7 });
    expect(second).toMatchObject({
      ...{ origin: 'generated', modelId: 1, place: 1, width: 8, height: 8 },
      generation: { sampler: 'ddim', steps: 5, seed: 7, image: 1 },
    });
    expect(second!.name).toContain('seed 7, image 2');
    const png = readFileSync(join(project.path, second!.file));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
  });

  it('are told the classes in turn, or the one that was asked for', async () => {
    const { classIds } = readModel(project.folder.connection, null, 'generate');
    const inTurn = await sample({ count: 4 });
    expect(inTurn.map(({ classId }) => classId)).toEqual([...classIds, ...classIds]);
    const ofSecond = await sample({ count: 2, classId: classIds[1] });
    expect(ofSecond.map(({ classId }) => classId)).toEqual([classIds[1], classIds[1]]);
    // Image 2 was told the second class both times, image 1 another one than before.
    expect(hashesOf(ofSecond)[1]).toBe(hashesOf(inTurn)[1]);
    expect(hashesOf(ofSecond)[0]).not.toBe(hashesOf(inTurn)[0]);
  });

  it('follow their class as strongly as guidance says: not at all, as the model does, or further', async () => {
    const { classIds } = readModel(project.folder.connection, null, 'generate');
    const guided = async (place: number, guidance: number): Promise<StoredQuery> =>
      (await sample({ count: 1, classId: classIds[place], guidance }))[0]!;
    const usual = (await sample({ count: 1, classId: classIds[0] }))[0]!;
    const untold = await guided(0, 0);
    const other = await guided(1, 0);
    const asModel = await guided(0, 1);
    const strong = await guided(0, 4);
    expect(untold.sha256).toBe(other.sha256);
    expect(asModel.sha256).toBe(usual.sha256);
    expect(new Set([untold.sha256, asModel.sha256, strong.sha256]).size).toBe(3);
    expect(strong.generation).toMatchObject({ guidance: 4 });
  });

  it('cannot be of a class that the model does not know, and the error names those it does', async () => {
    await expect(sample({ classId: 99 as ClassId })).rejects.toMatchObject({
      code: 'usage-invalid',
      details: { reason: expect.stringMatching(/class 99; it knows 1, 2/) as string },
    });
  });

  it('that are there when the run is stopped stay, and the resumed run makes no second ones', async () => {
    const abort = new AbortController();
    const onProgress = (_: string, fraction: number | null): void => {
      if (fraction! > 64 / 70) abort.abort();
    };
    const request = { count: 70, steps: 3, seed: 5 };
    await expect(sample(request, { signal: abort.signal, onProgress })).rejects.toThrow(CancelledError);
    const kept = listQueries(project.folder.connection).filter(({ generation }) => generation['seed'] === 5);
    expect(kept).toHaveLength(64);
    const all = await sample(request, { runId: kept[0]!.runId });
    expect(all.map(({ place }) => place)).toEqual(Array.from({ length: 70 }, (_, place) => place));
    expect(hashesOf(all.slice(0, 64))).toEqual(hashesOf(kept.toReversed()));
  });

  it('are made by a generative model alone', async () => {
    await project.run({ kind: 'train', config: { architecture: 'linear', epochs: 1, folds: 0 } });
    const classifier = readModel(project.folder.connection, null).id;
    await expect(sample({ modelId: classifier })).rejects.toMatchObject({ code: 'model-of-other-task' });
    const generative = readModel(project.folder.connection, null, 'generate').id;
    const attribute = await project.run({ kind: 'attribute', config: { modelId: generative } });
    expect(attribute).toMatchObject({ status: 'failed', error: { code: 'model-of-other-task' } });
    // The newest model of the task is meant, not the newest of all.
    expect((await sample({ count: 1 }))[0]!.modelId).toBe(generative);
  });
});
