import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertModel, makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { RunRequest } from '../../contract/runs-service.ts';
import { estimateRun, measureWork } from './estimate-run.ts';

let fixture: ProjectFixture;
beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 50 });
});
afterEach(() => {
  fixture.remove();
});

const train = (config: object) => RunRequest.parse({ kind: 'train', config });

describe('an estimate', () => {
  it('has no time where this machine has done no such work, but memory and disk', async () => {
    const estimate = await estimateRun(fixture.folder.connection, train({}), () => null);
    expect(estimate.seconds).toBeNull();
    expect(estimate.memoryBytes).toBeGreaterThan(1e8);
    expect(estimate.diskBytes).toBeGreaterThan(50 * 28 * 28);
  });

  it('takes twice as long for twice the epochs, and asks for the speed of the same architecture', async () => {
    const { connection } = fixture.folder;
    const asked: string[] = [];
    const speedOf = (kind: string): number => {
      asked.push(kind);
      return 1000;
    };
    const once = await estimateRun(connection, train({ epochs: 3, architecture: 'mlp' }), speedOf);
    const twice = await estimateRun(connection, train({ epochs: 6, architecture: 'mlp' }), speedOf);
    expect(twice.seconds).toBeCloseTo(once.seconds! * 2);
    expect(asked).toEqual(['train mlp', 'train mlp']);
  });

  it('counts what cross-validation trains: k folds are k − 1 more trainings’ worth of images', () => {
    const { connection } = fixture.folder;
    const alone = measureWork(connection, train({ folds: 0 }))!.amount;
    expect(measureWork(connection, train({ folds: 5 }))!.amount).toBeCloseTo(alone * 5);
  });

  it('wants more memory for a larger batch, and more disk for longer features', async () => {
    const { connection } = fixture.folder;
    insertModel(fixture);
    const of = (kind: string, config: object) =>
      estimateRun(connection, RunRequest.parse({ kind, config }), () => null);
    const [small, large] = [await of('train', { batchSize: 8 }), await of('train', { batchSize: 512 })];
    expect(large.memoryBytes).toBeGreaterThan(small.memoryBytes);
    const [short, long] = [
      await of('attribute', { projectionSize: 64 }),
      await of('attribute', { projectionSize: 4096 }),
    ];
    expect(long.diskBytes).toBeGreaterThan(short.diskBytes);
  });

  it('of an ensemble counts its trainings by the model’s own, and gradients of every member', async () => {
    const { connection } = fixture.folder;
    const { runId } = insertModel(fixture);
    connection
      .prepare('UPDATE runs SET startedAt = ?, finishedAt = ?, config = ? WHERE id = ?')
      .run('2026-01-01T00:00:00Z', '2026-01-01T00:01:40Z', '{"folds": 0, "epochs": 10}', runId);
    const attribute = (config: object) => RunRequest.parse({ kind: 'attribute', config });
    const alone = measureWork(connection, attribute({}))!.amount;
    const secondsOf = async (config: object) =>
      (await estimateRun(connection, attribute(config), () => alone)).seconds;
    expect(await secondsOf({})).toBeCloseTo(1);
    expect(await secondsOf({ models: 3 })).toBeCloseTo(2 * 100 + 3);
    expect(await secondsOf({ models: 2, modelShare: 0.5 })).toBeCloseTo(2 * 50 + 2);
    expect(await secondsOf({ ensemble: 'dropout', variants: 4 })).toBeCloseTo(4);
    expect(await secondsOf({ ensemble: 'dropout-forward', variants: 10 })).toBeCloseTo(1 + 3);
    expect(await secondsOf({ ensemble: 'lora', variants: 2, adapterEpochs: 1 })).toBeCloseTo(2 * 10 + 2);
  });

  it('knows that whole gradients are not stored, and that the members of an ensemble are', async () => {
    const { connection } = fixture.folder;
    insertModel(fixture);
    const diskOf = async (config: object) => {
      const plan = RunRequest.parse({ kind: 'attribute', config });
      return (await estimateRun(connection, plan, () => null)).diskBytes;
    };
    expect(await diskOf({ method: 'if-cg' })).toBeLessThan(await diskOf({ method: 'trak' }));
    expect(await diskOf({ ensemble: 'dropout' })).toBeGreaterThan(4 * (await diskOf({ topCount: 1 })));
  });

  it('of an attribution without a model is refused like the run itself', () => {
    const plan = RunRequest.parse({ kind: 'attribute', config: {} });
    expect(() => measureWork(fixture.folder.connection, plan)).toThrow(
      expect.objectContaining({ code: 'run-needs-model' }),
    );
  });
});
