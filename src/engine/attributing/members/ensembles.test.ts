/** The identities of METHODS for ensembles, through the whole attribution. */
import { mkdirSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTrainedProject, type TrainedProject } from '../../../../testing/trained-project.ts';
import { AttributionChoices } from '../../../contract/attribution-choices.ts';
import type { RunId } from '../../../contract/vocabulary.ts';
import { readPixels } from '../../images/sample-pixels.ts';
import { createOrtExecutor } from '../../runtime/ort-executor.ts';
import { createOrtMatrixEngine } from '../../runtime/ort-matrix-engine.ts';
import { attributeWith, openAttribution, type Attribution } from '../attribution.ts';
import type { ComputeTools } from '../compute-tools.ts';
import { loadModel, type LoadedModel } from '../loaded-model.ts';
import { prepareMembers } from './prepare-members.ts';

let project: TrainedProject;
let model: LoadedModel;
let tools: ComputeTools;
const matrixEngine = createOrtMatrixEngine({ threads: 1 });
const context = {
  runId: 1 as RunId,
  signal: new AbortController().signal,
  progress: (): void => undefined,
};

beforeAll(async () => {
  project = await makeTrainedProject({
    train: 30,
    test: 6,
    classCount: 3,
    config: { architecture: 'mlp', epochs: 4, batchSize: 8, checkpoints: 2 },
  });
  tools = {
    executor: createOrtExecutor({ threads: 1 }),
    matrixEngine,
    readPixels: (ids, layout) => readPixels(project.folder, ids, layout, context.signal),
  };
  model = await loadModel(project.folder, null, context, tools.readPixels);
}, 60_000);

afterAll(async () => {
  model.pixels.close();
  await matrixEngine.dispose();
  project.remove();
});

const choose = (choices: Partial<AttributionChoices>): AttributionChoices =>
  AttributionChoices.parse({ projectionSize: 128, projectionSeeds: 'shared', ...choices });

const open = (choices: Partial<AttributionChoices>): Promise<Attribution> =>
  openAttribution(project.folder, model, choose(choices), context, tools);

/** Scores [test images, learned images], row after row. */
async function scoresBy(attribution: Attribution): Promise<number[]> {
  const targets = model.samples.flatMap(({ id, label, split }, row) =>
    split === 'test' ? [{ sampleId: id, row, classIndex: model.classIds.indexOf(label!) }] : [],
  );
  const found: number[] = [];
  try {
    for await (const { block } of attribution.scores(targets)) found.push(...block.scores.data);
  } finally {
    await attribution.dispose();
  }
  return found;
}

const scoresOf = async (choices: Partial<AttributionChoices>): Promise<number[]> =>
  scoresBy(await open(choices));

describe('an ensemble under dropout', () => {
  it.each([
    { method: 'trak', maskMode: 'fixed' },
    { method: 'trak', maskMode: 'per-sample' },
    { method: 'grad-cos', maskMode: 'per-sample' },
    { method: 'if-cg', maskMode: 'fixed', iterations: 2, relativeDamping: 0.1 },
  ] as const)('that drops nothing is the model itself, bit for bit: %o', async (choices) => {
    const dropped = { ...choices, ensemble: 'dropout', variants: 2, dropoutRate: 0 } as const;
    const alone = await scoresOf(choices);
    expect(alone).toHaveLength(6 * model.learned.length);
    expect(await scoresOf(dropped)).toEqual(alone);
  });

  it('that drops half of the units is another one, the same every time', async () => {
    const choices = { ensemble: 'dropout', variants: 2, dropoutRate: 0.5 } as const;
    const [fixed, drawn] = [await scoresOf(choices), await scoresOf({ ...choices, maskMode: 'per-sample' })];
    expect(fixed).not.toEqual(await scoresOf({}));
    expect(drawn).not.toEqual(fixed);
    rmSync(project.folder.featuresPath, { recursive: true });
    mkdirSync(project.folder.featuresPath);
    expect(await scoresOf(choices)).toEqual(fixed);
    expect(await scoresOf({ ...choices, maskMode: 'per-sample' })).toEqual(drawn);
  });

  it('of equal masks is one member', async () => {
    const choices = choose({ ensemble: 'dropout', variants: 1, dropoutRate: 0.3 });
    const [member] = await prepareMembers(project.folder, model, choices, context, tools);
    const repeated = [1, 2, 3].map((place) => ({ ...member!, name: `mask ${place}` }));
    const ensemble = await attributeWith(repeated, project.folder, model, choices, context, tools);
    expect(await scoresBy(ensemble)).toEqual(await scoresOf(choices));
  });

  it('in the forward pass alone is TRAK where nothing is dropped, and else differs in the weights only', async () => {
    const forward = { method: 'trak', ensemble: 'dropout-forward', variants: 1 } as const;
    const alone = await scoresOf({ method: 'trak' });
    expect(await scoresOf({ ...forward, dropoutRate: 0 })).toEqual(alone);
    const dropped = await scoresOf({ ...forward, variants: 3, dropoutRate: 0.5 });
    const count = model.learned.length;
    for (let column = 0; column < count; column++) {
      const ratios = [0, 1, 2].map(
        (query) => dropped[query * count + column]! / alone[query * count + column]!,
      );
      expect(ratios[1]! / ratios[0]!).toBeCloseTo(1, 3);
      expect(ratios[2]! / ratios[0]!).toBeCloseTo(1, 3);
    }
    expect(dropped).not.toEqual(alone);
  });
});

describe('masks in the forward pass alone', () => {
  it.each([{ method: 'grad-dot' }, { method: 'if-cg', iterations: 1, relativeDamping: 0.1 }] as const)(
    'are nothing to a method without mean weight: %o',
    async (choices) => {
      const forward = { ...choices, ensemble: 'dropout-forward', variants: 1, dropoutRate: 0.5 } as const;
      expect(await scoresOf(forward)).toEqual(await scoresOf(choices));
    },
  );
});

describe('an ensemble of a project’s model', () => {
  it('has the checkpoints of its training for TracIn', async () => {
    const choices = choose({ method: 'tracin', ensemble: 'checkpoints', variants: 2 });
    const members = await prepareMembers(project.folder, model, choices, context, tools);
    expect(members.map(({ name }) => name)).toEqual(['model 1, after epoch 2', 'model 1, after epoch 4']);
    expect(members[1]!.readParameters()).toEqual(model.parameters);
    expect(members[0]!.readParameters()).not.toEqual(model.parameters);
    expect(members.every(({ weight }) => weight > 0 && weight !== 1)).toBe(true);
    expect((await scoresOf(choices)).every(Number.isFinite)).toBe(true);
  });

  it('is trained by the model’s own recipe, and once for all methods', async () => {
    const choices = { ensemble: 'lora', models: 2, variants: 2, adapterRank: 4, adapterEpochs: 1 } as const;
    const lora = await open(choices);
    const { trainSeconds, modelBytes } = lora.cost();
    const adapters = 4 * (256 * 4 + 128 * 4 + 128 * 4 + 64 * 4 + 64 * 3 + 3 * 3);
    expect(modelBytes).toBe(4 * model.classifier.parameterCount + 4 * adapters);
    expect((await scoresBy(lora)).every(Number.isFinite)).toBe(true);
    const again = await open({ ...choices, method: 'grad-dot' });
    expect(again.cost()).toMatchObject({ trainSeconds, modelBytes });
    await again.dispose();
    const pair = await open({ ensemble: 'independent', models: 2 });
    expect(pair.cost().trainSeconds).toBeLessThan(trainSeconds);
    await pair.dispose();
  });
});
