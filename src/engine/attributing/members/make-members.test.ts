import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { broughtModel } from '../../../../testing/brought-model.ts';
import { idleExecutor, memberWork } from '../../../../testing/member-work.ts';
import { AttributionChoices } from '../../../contract/attribution-choices.ts';
import { CancelledError } from '../../../core/base/app-error.ts';
import { dropoutPlaces } from '../../../core/nn/dropout.ts';
import { fileNetwork } from '../../modelling/file-network.ts';
import { createOrtExecutor } from '../../runtime/ort-executor.ts';
import { predictRows } from '../../training/predict.ts';
import type { MemberModel } from '../member-model.ts';
import { rowsOf } from './base-models.ts';
import { makeMembers, type EnsembleChoices } from './make-members.ts';
import type { MemberWork } from './member-work.ts';

const executor = createOrtExecutor({ threads: 1 });
let home: string;
let work: MemberWork;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'whence-members-'));
  work = memberWork(executor, home);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const choose = (choices: Partial<EnsembleChoices>): EnsembleChoices => AttributionChoices.parse(choices);
const parametersOf = (members: readonly MemberModel[]): Float32Array[] =>
  members.map((member) => member.readParameters());

describe('independent members', () => {
  it('are the model itself, and others that were trained alike from other first values', async () => {
    const members = await makeMembers(work, choose({ models: 3 }));
    expect(members.map(({ name }) => name)).toEqual(['model 1', 'model 2', 'model 3']);
    const [own, second, third] = parametersOf(members);
    expect(own).toBe(work.model.parameters);
    expect(second).not.toEqual(third);
    expect(members[0]!.cost).toEqual({ trainSeconds: 0, modelBytes: 0 });
    expect(members[1]!.cost.trainSeconds).toBeGreaterThan(0);
    expect(members[1]!.cost.modelBytes).toBe(4 * work.model.classifier.parameterCount);
    expect(new Set(members.map(({ identity }) => identity)).size).toBe(3);
  });

  it('are trained once: a second call, and a larger ensemble, take up what is there', async () => {
    const first = await makeMembers(work, choose({ models: 3 }));
    const idle = { ...work, executor: idleExecutor(executor) };
    const again = await makeMembers(idle, choose({ models: 3 }));
    expect(parametersOf(again)).toEqual(parametersOf(first));
    expect(again.map(({ cost }) => cost)).toEqual(first.map(({ cost }) => cost));
    await expect(makeMembers(idle, choose({ models: 4 }))).rejects.toThrow('nothing should be computed');
  });

  it('go on after their last epoch when they were interrupted, and end in the same bits', async () => {
    const whole = await makeMembers({ ...work, path: join(home, 'other') }, choose({ models: 3 }));
    const abort = new AbortController();
    const stopping: MemberWork = {
      ...work,
      signal: abort.signal,
      progress: (stage, fraction) => {
        if (stage === 'Training model 3' && fraction! > 0.8) abort.abort();
      },
    };
    await expect(makeMembers(stopping, choose({ models: 3 }))).rejects.toThrow(CancelledError);
    const stages: string[] = [];
    const resuming: MemberWork = { ...work, progress: (stage) => stages.push(stage) };
    const resumed = await makeMembers(resuming, choose({ models: 3 }));
    expect(parametersOf(resumed)).toEqual(parametersOf(whole));
    // Two epochs of three batches were left to do.
    expect(stages).toEqual(Array.from({ length: 6 }, () => 'Training model 3'));
    for (const folder of readdirSync(work.path))
      expect(readdirSync(join(work.path, folder)).sort()).toEqual(['member.json', 'parameters.f32']);
  });

  it('of a share learn so many of every class, each others, and the model itself is none of them', async () => {
    const members = await makeMembers(work, choose({ models: 2, modelShare: 0.5 }));
    expect(parametersOf(members)).not.toContain(work.model.parameters);
    const whole = await makeMembers(work, choose({ models: 3 }));
    expect(members.map(({ identity }) => identity)).not.toContain(whole[1]!.identity);
    expect(members[0]!.identity).not.toBe(members[1]!.identity);
  });

  it('say so where a file of theirs was damaged', async () => {
    const [, member] = await makeMembers(work, choose({ models: 2 }));
    const [folder] = readdirSync(work.path);
    const file = join(work.path, folder!, 'parameters.f32');
    appendFileSync(file, 'x');
    expect(() => member!.readParameters()).toThrow(expect.objectContaining({ code: 'artifact-damaged' }));
  });

  it('project in their own ways, or all in one; the first as the model alone does', async () => {
    const own = await makeMembers(work, choose({ models: 3, seed: 9 }));
    expect(own[0]!.projectionSeed).toBe(9);
    expect(new Set(own.map(({ projectionSeed }) => projectionSeed)).size).toBe(3);
    const shared = await makeMembers(work, choose({ models: 3, seed: 9, projectionSeeds: 'shared' }));
    expect(shared.map(({ projectionSeed }) => projectionSeed)).toEqual([9, 9, 9]);
  });
});

describe('checkpoints', () => {
  it('of each model are its states along the way, weighed by learning rate times steps', async () => {
    const members = await makeMembers(
      work,
      choose({ ensemble: 'checkpoints', models: 2, modelShare: 0.5, variants: 2 }),
    );
    expect(members.map(({ name }) => name)).toEqual([
      'model 1, after epoch 2',
      'model 1, after epoch 4',
      'model 2, after epoch 2',
      'model 2, after epoch 4',
    ]);
    // Two steps an epoch at 0.05; the first of them is the warm-up.
    for (const { weight } of members) expect(weight).toBeCloseTo(0.2, 10);
    const [early, late] = parametersOf(members);
    expect(early).not.toEqual(late);
    expect(early).toHaveLength(work.model.classifier.parameterCount);
  });

  it('are made where a model was trained before without them, or with fewer', async () => {
    const choices = { models: 1, modelShare: 0.5, seed: 2 } as const;
    const [trained] = await makeMembers(work, choose(choices));
    const two = await makeMembers(work, choose({ ...choices, ensemble: 'checkpoints', variants: 2 }));
    expect(two).toHaveLength(2);
    const four = await makeMembers(work, choose({ ...choices, ensemble: 'checkpoints', variants: 4 }));
    expect(four).toHaveLength(4);
    expect(four[3]!.readParameters()).toEqual(trained!.readParameters());
    expect(four[1]!.readParameters()).toEqual(two[0]!.readParameters());
    const idle = { ...work, executor: idleExecutor(executor) };
    const again = await makeMembers(idle, choose({ ...choices, ensemble: 'checkpoints', variants: 2 }));
    expect(again.map(({ identity }) => identity)).toEqual(two.map(({ identity }) => identity));
  });

  it('are asked for in vain where the model was trained without', async () => {
    await expect(makeMembers(work, choose({ ensemble: 'checkpoints' }))).rejects.toMatchObject({
      code: 'model-without-checkpoints',
    });
  });
});

describe('members under dropout', () => {
  it('are the model with masks of their own, in layers that it gets', async () => {
    const choices = choose({ ensemble: 'dropout', variants: 3, dropoutRate: 0.2 });
    const members = await makeMembers({ ...work, executor: idleExecutor(executor) }, choices);
    expect(members.map(({ name }) => name)).toEqual([1, 2, 3].map((mask) => `model 1, mask ${mask}`));
    for (const { network, dropout } of members) {
      expect(dropoutPlaces(network)).toEqual(['before layer 2', 'before the last layer']);
      expect(network.dropouts.every(({ rate }) => rate === 0.2)).toBe(true);
      expect(dropout!.mode).toBe('fixed');
    }
    expect(new Set(members.map(({ dropout }) => dropout!.seed)).size).toBe(3);
    expect(new Set(members.map(({ identity }) => identity)).size).toBe(3);
    const other = await makeMembers(work, { ...choices, maskMode: 'per-sample' });
    expect(other[0]!.identity).not.toBe(members[0]!.identity);
  });

  it('in the forward pass alone give residuals only, and the models scores only', async () => {
    const choices = choose({ ensemble: 'dropout-forward', models: 2, variants: 2 });
    const members = await makeMembers(work, choices);
    expect(members.map(({ contributes, dropout }) => [contributes, dropout !== null])).toEqual([
      ['scores', false],
      ['residuals', true],
      ['residuals', true],
      ['scores', false],
      ['residuals', true],
      ['residuals', true],
    ]);
    const trained = members.filter(({ cost }) => cost.modelBytes > 0);
    expect(trained.map(({ name }) => name)).toEqual(['model 2']);
  });

  it('are there of a brought model too', async () => {
    const network = fileNetwork(broughtModel({ size: 8 }), {
      ...{ file: '', channels: 1, imageSize: 8, layout: 'nchw', input: 'images', output: 'logits' },
      ...{ outputKind: 'logits', embedding: null, columns: null, newHead: null, loraRank: null },
      trained: ['conv.weight', 'conv.bias', 'head.weight', 'head.bias'],
    });
    const brought = memberWork(executor, home, network);
    const [member] = await makeMembers(brought, choose({ ensemble: 'dropout' }));
    expect(dropoutPlaces(member!.network)).toEqual(['before the last layer']);
    const [adapted] = await makeMembers(brought, choose({ ensemble: 'lora', variants: 1, adapterRank: 2 }));
    expect(adapted!.network.parameters.map(({ name }) => name)).toEqual([
      'conv.weight.lora-down',
      'conv.weight.lora-up',
      'head.weight.lora-down',
      'head.weight.lora-up',
    ]);
  });
});

describe('members with adapters', () => {
  it('are fine-tuned from the model, each its own way, and have short features', async () => {
    const choices = choose({ ensemble: 'lora', variants: 2, adapterRank: 2, adapterEpochs: 3 });
    const members = await makeMembers(work, choices);
    const [first, second] = parametersOf(members);
    expect(first).not.toEqual(second);
    expect(first).not.toEqual(members[0]!.network.initialParameters(1));
    expect(members[0]!.network.parameterCount).toBeLessThan(work.model.classifier.parameterCount / 4);
    expect(members[0]!.projectionSize).toBe(choices.projectionSize / 4);
    const few = await makeMembers(work, { ...choices, projectionSize: 16_384 });
    expect(few[0]!.projectionSize).toBe(members[0]!.network.parameterCount);
    const again = await makeMembers({ ...work, executor: idleExecutor(executor) }, choices);
    expect(parametersOf(again)).toEqual([first, second]);
    expect(again[0]!.cost.modelBytes).toBe(4 * members[0]!.network.parameterCount);
  });

  it('learn shares of their own where models learn shares, each another one', () => {
    const choices = choose({ ensemble: 'lora', models: 2, modelShare: 0.5, variants: 3 });
    const shares = Array.from({ length: 2 + 2 * 3 }, (_, place) => [...rowsOf(work, choices, place)]);
    expect(new Set(shares.map((rows) => rows.join())).size).toBe(shares.length);
    const half = work.model.learned.length / 2;
    for (const rows of shares) expect(Math.abs(rows.length - half)).toBeLessThanOrEqual(1);
    expect([...rowsOf(work, { ...choices, modelShare: 1 }, 5)]).toHaveLength(work.model.learned.length);
  });

  it('go further from the model with larger steps', async () => {
    const distanceOf = async (adapterLearningRate: number): Promise<number> => {
      const one = choose({ ensemble: 'lora', variants: 1, adapterLearningRate });
      const [member] = await makeMembers(work, one);
      const ups = member!.network.parameters.filter(({ name }) => name.endsWith('lora-up'));
      const values = member!.readParameters();
      // The ups begin at zero: their length is the distance.
      return ups.reduce(
        (sum, { shape, offset }) =>
          sum + values.subarray(offset, offset + shape[0]! * shape[1]!).reduce((own, up) => own + up * up, 0),
        0,
      );
    };
    expect(await distanceOf(0.05)).toBeGreaterThan(4 * (await distanceOf(0.005)));
  });

  it('fit what they learn better than the model that they started from', async () => {
    const [member] = await makeMembers(work, choose({ ensemble: 'lora', variants: 1, adapterEpochs: 40 }));
    const lossOf = async (network: MemberModel['network'], parameters: Float32Array): Promise<number> => {
      const { normalization, pixels, learned } = work.model;
      const rows = Int32Array.from(learned, ({ row }) => row);
      const request = { classifier: network, parameters, normalization, pixels, rows };
      const { probabilities } = await predictRows(executor, request);
      return learned.reduce(
        (sum, { classIndex }, place) => sum - Math.log(probabilities[place * 3 + classIndex]!),
        0,
      );
    };
    const before = await lossOf(work.model.classifier, work.model.parameters);
    expect(await lossOf(member!.network, member!.readParameters())).toBeLessThan(before / 2);
  });
});
