import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeGenerativeProject, type GenerativeProject } from '../../../testing/generative-project.ts';
import { defineEach } from '../grouping/define-groups.ts';
import { readGroupAttribution } from '../storage/groups.ts';
import { readModel } from '../storage/models.ts';
import { findQueryInfluences, listQueries } from '../storage/queries.ts';
import { listTrainPaths } from '../storage/sample-paths.ts';
import { addQueryFiles } from './query-files.ts';

/** The second class in red. */
async function paint(sourcePath: string): Promise<void> {
  const folder = join(sourcePath, 'train', 'bar-1');
  for (const name of readdirSync(folder)) {
    const grey = sharp(readFileSync(join(folder, name)));
    writeFileSync(join(folder, name), await grey.toColourspace('srgb').tint('#f00').png().toBuffer());
  }
}

describe.each(['v', 'x0'])('a denoiser of colour images that predicts %s', (prediction) => {
  let project: GenerativeProject;
  beforeAll(async () => {
    const config = { prediction, steps: 20, learningRate: 0.005 };
    project = await makeGenerativeProject({
      ...{ train: 10, test: 2, classCount: 2, queries: 1, config, change: paint },
    });
  }, 120_000);
  afterAll(() => project.remove());

  it('learns, and makes images in colour', async () => {
    const { denoiser, channels } = readModel(project.folder.connection, null, 'generate');
    expect(denoiser!.prediction).toBe(prediction);
    expect(channels).toBe(3);
    expect(denoiser!.curve.at(-1)!.loss).toBeLessThan(denoiser!.curve[0]!.loss);
    const [query] = listQueries(project.folder.connection);
    expect((await sharp(join(project.path, query!.file)).metadata()).channels).toBe(3);
  });

  it('finds a training image that is asked about', async () => {
    const path = 'train/bar-1/0003.png';
    const { added } = await addQueryFiles(project.folder, [join(project.sourcePath, path)]);
    const config = { queries: added, timestepCount: 3, projectionSize: 256 };
    const run = await project.runHere({ kind: 'attribute-queries', config });
    const { proponents } = findQueryInfluences(project.folder.connection, added[0]!, run.id)!;
    const sample = listTrainPaths(project.folder.connection).find((each) => each.path === path)!;
    expect(proponents[0]!.sampleId).toBe(sample.id);
  });

  it('unlearns groups', async () => {
    defineEach(project.folder.connection, { by: 'class', folderDepth: null });
    const config = { steps: 2, batchSize: 4, controls: 0, timestepCount: 3 };
    const { id } = await project.runHere({ kind: 'attribute-groups', config });
    const { queries } = readGroupAttribution(project.folder.connection, id);
    for (const { scores } of queries)
      for (const { raw } of scores) expect(Number.isFinite(raw) && raw !== 0).toBe(true);
  });
});
