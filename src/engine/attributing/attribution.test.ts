import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTrainedProject, type TrainedProject } from '../../../testing/trained-project.ts';
import { attributionMethods } from '../../core/attribution/registry.ts';
import { AttributionChoices, AttributionMethod } from '../../contract/attribution-choices.ts';
import { readPixels } from '../images/sample-pixels.ts';
import type { RunContext } from '../runs/run-context.ts';
import { createOrtExecutor } from '../runtime/ort-executor.ts';
import { createOrtMatrixEngine, type OrtMatrixEngine } from '../runtime/ort-matrix-engine.ts';
import { predictRows } from '../training/predict.ts';
import { attributeWith, openAttribution, type Attribution } from './attribution.ts';
import type { ComputeTools } from './compute-tools.ts';
import { loadModel, type LabelledRow, type LoadedModel } from './loaded-model.ts';
import type { MemberModel } from './member-model.ts';

let project: TrainedProject;
let model: LoadedModel;
let engine: OrtMatrixEngine;
let tools: ComputeTools;
let targets: LabelledRow[];

const stages: string[] = [];
const context: RunContext = {
  runId: 1 as never,
  signal: new AbortController().signal,
  progress: (stage) => void stages.push(stage),
};

beforeAll(async () => {
  project = await makeTrainedProject({
    train: 48,
    test: 8,
    classCount: 3,
    config: { architecture: 'linear', epochs: 4, batchSize: 8, validationShare: 0.1 },
  });
  const { folder } = project;
  engine = createOrtMatrixEngine({ threads: 1 });
  tools = {
    executor: createOrtExecutor(),
    matrixEngine: engine,
    readPixels: (ids, layout) => readPixels(folder, ids, layout, context.signal),
  };
  model = await loadModel(folder, null, context, tools.readPixels);
  const indexOfClass = new Map(model.classIds.map((id, index) => [id, index]));
  targets = model.samples.flatMap(({ id, label }, row) => {
    const classIndex = indexOfClass.get(label!)!;
    return row % 5 === 0 ? [{ sampleId: id, row, classIndex }] : [];
  });
}, 60_000);

afterAll(async () => {
  model.pixels.close();
  await engine.dispose();
  project.remove();
});

const choose = (choices: object): AttributionChoices =>
  AttributionChoices.parse({ projectionSize: 64, ...choices });

async function during<Result>(
  attribution: Attribution,
  work: (attribution: Attribution) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(attribution);
  } finally {
    await attribution.dispose();
  }
}

/** Scores [targets, learned]. */
async function matrixOf(attribution: Attribution, wanted = targets): Promise<number[][]> {
  const rows: number[][] = wanted.map(() => []);
  for await (const { targets: group, block } of attribution.scores(wanted)) {
    for (const [place, target] of group.entries()) {
      const { columns, data } = block.scores;
      const row = rows[wanted.indexOf(target)]!;
      expect(row).toHaveLength(block.firstRow);
      row.push(...data.subarray(place * columns, (place + 1) * columns));
    }
  }
  return rows;
}

const scoresOf = async (choices: object): Promise<number[][]> =>
  during(await openAttribution(project.folder, model, choose(choices), context, tools), matrixOf);

function member(name: string, changes: Partial<MemberModel> = {}): MemberModel {
  return {
    name,
    network: model.classifier,
    readParameters: () => model.parameters,
    identity: model.parametersSha256,
    projectionSeed: 0,
    projectionSize: 64,
    dropout: null,
    contributes: 'scores-and-residuals',
    weight: 1,
    cost: { trainSeconds: 2, modelBytes: 10 },
    ...changes,
  };
}

const ensemble = (members: readonly MemberModel[], choices: object = {}): Promise<Attribution> =>
  attributeWith(members, project.folder, model, choose(choices), context, tools);

/** Another model: its weights halved. */
const other = (): Partial<MemberModel> => ({
  readParameters: () => model.parameters.map((value) => value / 2),
  identity: 'halved',
});

describe('every method', () => {
  it.each(AttributionMethod.options)(
    '%s scores all learned images, and each for itself as in the matrix',
    async (method) => {
      const choices = choose({ method, iterations: 5 });
      const attribution = await openAttribution(project.folder, model, choices, context, tools);
      await during(attribution, async () => {
        const learned = model.learned.slice(0, 6);
        const rows = await matrixOf(attribution, learned);
        const own = await attribution.selfScores([]);
        expect(own.map((entry) => entry.sampleId)).toEqual(model.learned.map((row) => row.sampleId));
        const scale = Math.max(...own.map((entry) => Math.abs(entry.score)));
        for (const [place, row] of rows.entries()) {
          expect(row).toHaveLength(model.learned.length);
          expect(row.every(Number.isFinite)).toBe(true);
          expect(row[place]! / scale).toBeCloseTo(own[place]!.score / scale, 3);
        }
        const seconds = attribution.cost();
        expect(seconds.serveSeconds).toBeGreaterThan(0);
        expect(seconds.featureBytes > 0).toBe(attributionMethods[method].gradients !== 'whole');
      });
    },
    20_000,
  );
});

describe('an ensemble', () => {
  it.each([{ method: 'trak' }, { method: 'grad-cos' }, { method: 'logra', normalisation: 'relative-loss' }])(
    'of identical members is that member, bit for bit: %o',
    async (choices) => {
      const alone = await during(await ensemble([member('model 1')], choices), matrixOf);
      const three = await ensemble(
        ['model 1', 'model 2', 'model 3'].map((name) => member(name)),
        choices,
      );
      expect(await during(three, matrixOf)).toEqual(alone);
    },
  );

  it('of TRAK is the mean of the kernels times the mean of the residuals', async () => {
    const choices = { method: 'trak', relativeDamping: 0.1 };
    const kernels = [
      member('a', { contributes: 'scores' }),
      member('b', { ...other(), contributes: 'scores' }),
    ];
    const weight = member('c', { ...other(), contributes: 'residuals' });
    const [a, b] = [
      await during(await ensemble([kernels[0]!, weight], choices), matrixOf),
      await during(await ensemble([kernels[1]!, weight], choices), matrixOf),
    ];
    const both = await during(await ensemble([...kernels, weight], choices), matrixOf);
    for (const [query, row] of both.entries())
      for (const [column, score] of row.entries())
        expect(score).toBeCloseTo((a[query]![column]! + b[query]![column]!) / 2, 5);
  });

  it('of TracIn weighs each checkpoint', async () => {
    const once = await during(await ensemble([member('a')], { method: 'tracin' }), matrixOf);
    const weighed = await ensemble([member('a', { weight: 3 }), member('b')], { method: 'tracin' });
    const rows = await during(weighed, matrixOf);
    expect(rows[1]![2]! / once[1]![2]!).toBeCloseTo(2, 5);
  });

  it('counts what making its members and their features took', async () => {
    const attribution = await ensemble([member('a'), member('b', other())], { method: 'grad-dot' });
    const { trainSeconds, modelBytes, cacheSeconds, featureBytes } = attribution.cost();
    expect([trainSeconds, modelBytes]).toEqual([4, 20]);
    expect(cacheSeconds).toBeGreaterThan(0);
    expect(featureBytes).toBeGreaterThan(2 * model.learned.length * 64 * 2);
    await attribution.dispose();
    const again = await ensemble([member('a'), member('b', other())], { method: 'grad-dot' });
    expect(again.cost().cacheSeconds).toBeGreaterThan(0.5 * cacheSeconds);
    await again.dispose();
  });

  it('scores the same in whatever groups the targets come', async () => {
    const members = [member('a'), member('b', other())];
    const attribution = await ensemble(members, { method: 'trak', relativeDamping: 0.1 });
    await during(attribution, async () => {
      const whole = await matrixOf(attribution);
      const last = await matrixOf(attribution, targets.slice(-2));
      for (const [place, row] of last.entries())
        for (const [column, score] of row.entries())
          expect(score).toBeCloseTo(whole[whole.length - 2 + place]![column]!, 6);
    });
  });
});

describe('representer points', () => {
  it('METHODS 27: their values times products of embeddings sum to the logits of the layer fitted again', async () => {
    // With a class as its target a query's scores sum to that logit; the layer separates the classes that the model learned.
    const perClass = model.classIds.map((_, classIndex) =>
      targets.map((target) => ({ ...target, classIndex })),
    );
    const choices = choose({ method: 'representer' });
    const attribution = await openAttribution(project.folder, model, choices, context, tools);
    const logits = await during(attribution, async () => {
      const sums: number[][] = [];
      for (const wanted of perClass)
        sums.push(
          (await matrixOf(attribution, wanted)).map((row) => row.reduce((sum, score) => sum + score, 0)),
        );
      return sums;
    });
    const { logits: own } = await predictRows(tools.executor, {
      ...model,
      rows: Int32Array.from(targets, (target) => target.row),
    });
    const count = model.classIds.length;
    const agreeing = targets.filter((_, place) => {
      const ours = logits.map((row) => row[place]!);
      const theirs = Array.from(own.subarray(place * count, (place + 1) * count));
      return ours.indexOf(Math.max(...ours)) === theirs.indexOf(Math.max(...theirs));
    });
    expect(agreeing.length).toBeGreaterThanOrEqual(targets.length - 2);
  });
});

describe('normalisation', () => {
  it('renormalised Grad-Dot orders the images of a query as Grad-Cos does', async () => {
    const divided = await scoresOf({ method: 'grad-dot', normalisation: 'renormalised' });
    const cosines = await scoresOf({ method: 'grad-cos' });
    const order = (row: readonly number[]): number[] =>
      row.map((_, place) => place).sort((a, b) => row[b]! - row[a]!);
    expect(order(divided[3]!).slice(0, 5)).toEqual(order(cosines[3]!).slice(0, 5));
  });

  it('is refused where a method has no gradients', async () => {
    await expect(scoresOf({ method: 'embedding-dot', normalisation: 'renormalised' })).rejects.toMatchObject({
      code: 'normalisation-without-gradients',
    });
  });
});
