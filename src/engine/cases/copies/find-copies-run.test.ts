import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeImportProject, type ImportProject } from '../../../../testing/imported-project.ts';
import { scene } from '../../../../testing/planted-images.ts';
import { FindCopiesConfig, type CopySearch, type QueryCopies } from '../../../contract/cases-service.ts';
import type { QueryId, RunId, SampleId } from '../../../contract/vocabulary.ts';
import { addQueryFiles } from '../../generating/query-files.ts';
import { readPixels } from '../../images/sample-pixels.ts';
import type { RunContext } from '../../runs/run-context.ts';
import { createOrtExecutor } from '../../runtime/ort-executor.ts';
import { createOrtMatrixEngine } from '../../runtime/ort-matrix-engine.ts';
import { readCopySearch } from '../../storage/cases.ts';
import { insertRun, readRunProvenance } from '../../storage/runs.ts';
import { copyControls } from '../controls.ts';
import { drawDifference } from '../difference-map.ts';
import { currentManifest } from '../manifest.ts';
import { findCopiesRun } from './find-copies-run.ts';

const TRAIN = 60;
const HELD_OUT = 10;
/** Image 5 is what every changed query is made from. */
const ORIGIN = 5;

let home: string;
let project: ImportProject;
let search: CopySearch;
let runId: RunId;
const queries = new Map<string, QueryId>();

async function run(config: Partial<FindCopiesConfig>, context: Partial<RunContext> = {}): Promise<RunId> {
  const plan = { kind: 'find-copies', config: FindCopiesConfig.parse(config) } as const;
  const id = context.runId ?? insertRun(project.folder.connection, plan, {});
  const signal = context.signal ?? new AbortController().signal;
  await findCopiesRun(
    project.folder,
    plan.config,
    { runId: id, signal, progress: () => undefined, ...context },
    {
      executor: createOrtExecutor({ threads: 1 }),
      matrixEngine: createOrtMatrixEngine({ threads: 1 }),
      readPixels: (ids, shape) => readPixels(project.folder, ids, shape, signal),
    },
  );
  return id;
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'whence-copies-'));
  for (const split of ['train', 'test']) mkdirSync(join(home, 'set', split), { recursive: true });
  const fileOf = (index: number): string =>
    join(home, 'set', index < TRAIN ? 'train' : 'test', `${String(index).padStart(3, '0')}.png`);
  for (let index = 0; index < TRAIN + HELD_OUT; index++) await scene(300 + index).toFile(fileOf(index));
  project = makeImportProject();
  await project.import(join(home, 'set'));
  const origin = fileOf(ORIGIN);
  const { width, height } = await sharp(origin).metadata();
  const crop = (side: number, left: number, top: number) =>
    sharp(origin).extract({
      left: Math.round(left * width),
      top: Math.round(top * height),
      width: Math.round(side * width),
      height: Math.round(side * height),
    });
  const made: Record<string, Sharp | string> = {
    'same file': origin,
    'same pixels': sharp(origin).png({ compressionLevel: 1 }),
    compressed: sharp(origin).jpeg({ quality: 50 }),
    mirrored: sharp(origin).flop(),
    'cropped to 60 %': crop(0.6, 0.3, 0.1),
    'mirrored crop': sharp(await crop(0.7, 0.1, 0.2).png().toBuffer()).flop(),
    'with a border': sharp(origin).extend({ top: 8, bottom: 8, left: 10, right: 6, background: '#446688' }),
    unrelated: scene(999),
  };
  for (const [name, image] of Object.entries(made)) {
    const path =
      typeof image === 'string'
        ? image
        : join(home, `${name.replaceAll(/\W/g, '-')}.${name === 'compressed' ? 'jpg' : 'png'}`);
    if (typeof image !== 'string') await image.toFile(path);
    const { added } = await addQueryFiles(project.folder, [path]);
    queries.set(name, added[0]!);
  }
  runId = await run({ aligned: 12, nearest: 10 });
  search = readCopySearch(project.folder.connection, runId);
}, 60_000);
afterAll(() => {
  project.remove();
  rmSync(home, { recursive: true, force: true });
});

const of = (name: string): QueryCopies =>
  search.queries.find(({ queryId }) => queryId === queries.get(name))!;
const originId = (): SampleId =>
  project.rows(`SELECT id FROM samples WHERE path LIKE '%${String(ORIGIN).padStart(3, '0')}.png'`)[0]![
    'id'
  ] as SampleId;

describe('a search for copies', () => {
  it('says of a copy that it is in the manifest, by its file or by its pixels', () => {
    expect(of('same file').matches[0]).toMatchObject({
      ...{ sampleId: originId(), relation: 'same-file', step: 'manifest', agreement: 1, rank: 1 },
    });
    expect(of('same pixels').matches[0]).toMatchObject({ sampleId: originId(), relation: 'same-pixels' });
  });

  it.each(['compressed', 'mirrored', 'cropped to 60 %', 'mirrored crop', 'with a border'])(
    'finds the near-copy of an image that was %s, and it alone',
    (name) => {
      const near = of(name).matches.filter(({ step }) => step === 'near-copy');
      expect(near.map(({ sampleId }) => sampleId)).toEqual([originId()]);
      expect(near[0]!.agreement).toBeGreaterThan(0.95);
      expect(near[0]!.placement!.mirrored).toBe(name.startsWith('mirrored'));
    },
  );

  it('says where a crop lies', () => {
    const { placement } = of('cropped to 60 %').matches[0]!;
    expect(placement!.sample.x).toBeCloseTo(0.3, 1);
    expect(placement!.sample.y).toBeCloseTo(0.1, 1);
    expect(placement!.sample.width).toBeCloseTo(0.6, 1);
    expect(placement!.query.width).toBeCloseTo(1, 1);
  });

  it('finds nothing near for an image of its own, and says how common its nearest likeness is', () => {
    const { matches, commonness } = of('unrelated');
    expect(matches.every(({ step }) => step === 'alike')).toBe(true);
    expect(matches.map(({ rank }) => rank)).toEqual(matches.map((_, index) => index + 1));
    expect(commonness).toBeGreaterThan(0.05);
    expect(of('same file').commonness).toBeLessThan(0.05);
  });

  it('finds the known training images and no others, and keeps what it was done on', () => {
    const controls = copyControls(search);
    expect(controls.map(({ name, met }) => [name, met])).toEqual([
      ['known-training-image', true],
      ['held-out-image', true],
      ['unrelated-query', true],
    ]);
    expect(search).toMatchObject({ imageCount: TRAIN, embedding: 'pixels, 16 × 16' });
    const { sha256 } = currentManifest(project.folder.connection);
    expect(readRunProvenance(project.folder.connection, runId)).toMatchObject({ manifestSha256: sha256 });
  });

  it('finds the same again', async () => {
    const again = readCopySearch(project.folder.connection, await run({ aligned: 12, nearest: 10 }));
    expect(again.queries).toEqual(search.queries);
  });

  it('draws where a query and a training image differ', async () => {
    const brightness = async (name: string, isAligned: boolean): Promise<number> => {
      const { queryId, matches } = of(name);
      const { bytes } = await drawDifference(project.folder, {
        queryId: queryId as QueryId,
        sampleId: originId(),
        placement: isAligned ? matches[0]!.placement : null,
      });
      const { channels } = await sharp(bytes).stats();
      return channels.reduce((sum, { mean }) => sum + mean, 0) / channels.length;
    };
    expect(await brightness('same file', true)).toBe(0);
    expect(await brightness('mirrored crop', true)).toBeLessThan(
      0.3 * (await brightness('mirrored crop', false)),
    );
  });

  it.each(['Reading images', 'Comparing images', 'Looking for crops', 'Laying images over each other'])(
    'stops while it is %s, and goes on to the same end',
    async (at) => {
      const config = { aligned: 12, nearest: 10 };
      const abort = new AbortController();
      const plan = { kind: 'find-copies', config: FindCopiesConfig.parse(config) } as const;
      const stopped = insertRun(project.folder.connection, plan, {});
      const progress = (stage: string): void => {
        if (stage === at) abort.abort();
      };
      await expect(run(config, { runId: stopped, signal: abort.signal, progress })).rejects.toThrow(
        'cancelled',
      );
      const fractions: number[] = [];
      const note = (_: string, fraction: number | null): void => void fractions.push(fraction!);
      await run(config, { runId: stopped, progress: note });
      expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
      expect(readCopySearch(project.folder.connection, stopped).queries).toEqual(search.queries);
    },
  );

  it('refuses to go on with other images', async () => {
    const plan = { kind: 'find-copies', config: FindCopiesConfig.parse({}) } as const;
    const stopped = insertRun(project.folder.connection, plan, {});
    const signal = AbortSignal.abort();
    await expect(run({}, { runId: stopped, signal })).rejects.toThrow('cancelled');
    await addQueryFiles(project.folder, [join(home, 'unrelated.png')]);
    await expect(run({}, { runId: stopped })).rejects.toMatchObject({ code: 'run-arguments-differ' });
  });
});
