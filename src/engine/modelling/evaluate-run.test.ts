import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { broughtModel } from '../../../testing/brought-model.ts';
import { writeShapeFolder } from '../../../testing/write-shape-folder.ts';
import { ModelChoices } from '../../contract/model-choices.ts';
import { RunRequest, type Run } from '../../contract/runs-service.ts';
import { writeModel } from '../../core/onnx/write-model.ts';
import { RunQueue } from '../runs/run-queue.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { changeExclusion } from '../storage/exclusions.ts';
import { findInfluences } from '../storage/influences.ts';
import { listModels } from '../storage/models.ts';
import { createProjectFolder, openProjectFolder, type ProjectFolder } from '../storage/project-folder.ts';
import { readRun } from '../storage/runs.ts';
import { readModelArtifact } from '../training/model-artifact.ts';
import { addModel } from './add-model.ts';
import { isFromFile } from './network-description.ts';

const IMAGES = 60;
/** Before the file is brought a second time. */
const EXCLUDED = 3;
let home: string;
let folder: ProjectFolder;
let file: string;
const done: Run[] = [];

/** A model of three classes is brought, traced, fine-tuned in two ways, and taken again with a new head. */
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'whence-brought-'));
  file = join(home, 'bars.onnx');
  writeFileSync(file, writeModel(broughtModel()));
  const source = join(home, 'shapes');
  await writeShapeFolder(source, { count: IMAGES, classCount: 3, size: 16, seed: 2, flippedShare: 0 });
  const path = join(home, 'shapes.whence');
  createProjectFolder(path).close();
  folder = openProjectFolder(path);
  const queue = new RunQueue(path);
  const perform = async (...requests: RunRequest[]): Promise<void> => {
    const ids = requests.map((request) => queue.start(RunRequest.parse(request)));
    await queue.idle();
    done.push(...ids.map((id) => readRun(folder.connection, id)));
  };
  const brought = (choices: Partial<ModelChoices>): RunRequest => ({
    kind: 'evaluate',
    config: { ...addModel(folder, file, ModelChoices.parse(choices)), provider: 'cpu' },
  });
  const tuning = { epochs: 2, folds: 0, batchSize: 16, provider: 'cpu' } as const;
  await perform({ kind: 'import', config: { sourcePath: source } });
  await perform(brought({ pixels: 'unit' }));
  const from = listModels(folder.connection)[0]!.id;
  await perform(
    { kind: 'attribute', config: { modelId: from, projectionSize: 32, topCount: 3, provider: 'cpu' } },
    { kind: 'issues', config: { modelId: from, provider: 'cpu' } },
    { kind: 'train', config: { from, ...tuning } },
    { kind: 'train', config: { from, loraRank: 2, ...tuning } },
  );
  const sampleIds = folder.connection.prepare('SELECT id FROM samples LIMIT ?').pluck().all(EXCLUDED);
  changeExclusion(folder.connection, { sampleIds: sampleIds as SampleId[], excluded: true }, 'Ada');
  await perform(
    brought({ newHead: true, name: 'backbone' }),
    { kind: 'train', config: { from, ...tuning, folds: 2 } },
    { kind: 'train', config: { from, ...tuning, keep: 'architecture' } },
  );
  await queue.dispose();
}, 120_000);

afterAll(() => {
  folder.close();
  rmSync(home, { recursive: true, force: true });
});

const models = () => listModels(folder.connection).toReversed();

describe('a brought model', () => {
  it('goes through evaluation, attribution, label issues and fine-tuning', () => {
    expect(done.slice(0, 7).map((run) => run.error?.message ?? run.status)).toEqual(
      Array.from({ length: 7 }, () => 'finished'),
    );
  });

  it('is told apart from those that were trained here, with its accuracy', () => {
    const [added, tuned] = models();
    expect(added).toMatchObject({
      name: 'bars',
      origin: 'file',
      trainCount: IMAGES,
      baseModelId: null,
      imageSize: 16,
    });
    expect(added!.labelledAccuracy).toBeGreaterThanOrEqual(0);
    expect(added!.outOfSampleAccuracy).toBeGreaterThan(0.3);
    expect(tuned).toMatchObject({ origin: 'file', baseModelId: added!.id, classCount: 3 });
    expect(tuned!.epochs).toHaveLength(2);
  });

  it('lies in the project as its own file, which equals the original', () => {
    const artifact = readModelArtifact(join(folder.path, `models/run-${done[1]!.id}`));
    if (!isFromFile(artifact.network)) throw new Error('the model is described by its file');
    expect(readFileSync(join(folder.path, artifact.network.file))).toEqual(readFileSync(file));
  });

  it('has its predictions traced to the images that it learned', () => {
    const ids = folder.connection.prepare('SELECT id FROM samples').pluck().all() as never[];
    for (const id of ids) expect(findInfluences(folder.connection, id)!.proponents.length).toBeGreaterThan(0);
  });

  it('is fine-tuned in all its weights, or in adapters only', () => {
    const [added, tuned, adapted] = models();
    expect(tuned!.parameterCount).toBe(added!.parameterCount);
    // Of the filter [4, 9] and the head [3, 4], rank 2: 2·9 + 4·2 and 2·4 + 3·2.
    expect(adapted!.parameterCount).toBe(40);
  });

  it('with a new head has learned nothing yet, and says so', () => {
    const backbone = models().find((model) => model.name === 'backbone');
    expect(backbone).toMatchObject({ trainCount: 0, classCount: 3, outOfSampleAccuracy: null });
    expect(backbone!.hint).toContain('fine-tune');
  });

  it('is measured without the images that are excluded, and says how many they are', () => {
    const [added] = models();
    expect(added!.excludedCount).toBe(0);
    expect(models().find((model) => model.name === 'backbone')!.excludedCount).toBe(EXCLUDED);
    expect(done[6]!.summary).toMatchObject({ excluded: EXCLUDED });
  });

  it('that has seen the images is not cross-validated, and never trained from fresh weights', () => {
    const [folds, fresh] = done.slice(7);
    expect(folds!.error).toMatchObject({ code: 'model-cannot-start' });
    expect(folds!.error!.message).toContain('Train without folds');
    expect(fresh!.error!.message).toContain('how its weights are to be drawn anew');
  });

  it('whose classes do not fit is refused before anything is run', () => {
    const other = join(home, 'other.onnx');
    writeFileSync(other, writeModel(broughtModel({ classes: 5 })));
    expect(() => addModel(folder, other, ModelChoices.parse({}))).toThrow(
      expect.objectContaining({ code: 'model-classes-mismatch' }),
    );
  });
});
