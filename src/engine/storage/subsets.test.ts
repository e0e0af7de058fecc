import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertModel, makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { SampleFilter } from '../../contract/samples-service.ts';
import { SelectConfig } from '../../contract/selection-config.ts';
import { Subset } from '../../contract/subsets-service.ts';
import type { SampleId, SubsetId } from '../../contract/vocabulary.ts';
import { exportSubset } from '../exporting/export-subset.ts';
import { countFacets } from './sample-facets.ts';
import { querySamples } from './samples.ts';
import {
  listMembers,
  listSubsets,
  readSubset,
  removeSubset,
  renameSubset,
  saveMeasurement,
  saveSubset,
} from './subsets.ts';

let fixture: ProjectFixture;
let id: SubsetId;
/** Not in the order of import. */
let chosen: SampleId[];

beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 40 });
  const { runId, modelId } = insertModel(fixture);
  chosen = [30, 3, 12, 7].map((place) => fixture.sampleIds[place]!);
  const [coat] = fixture.classIds;
  id = saveSubset(
    fixture.folder.connection,
    {
      runId,
      modelId,
      name: 'best tenth',
      strategy: 'influence',
      keep: 'high',
      choices: SelectConfig.parse({ share: 0.1 }),
      candidateCount: 24,
      classes: [{ classId: coat!, kept: 4, candidates: 9 }],
      folders: [],
      predicted: { targets: 8, kept: 2.5, dropped: -0.5 },
    },
    chosen.map((sampleId, place) => ({ sampleId, score: place === 3 ? null : 4 - place })),
  );
});
afterEach(() => fixture.remove());

const filter = (): ReturnType<typeof SampleFilter.parse> => SampleFilter.parse({ subset: id });

describe('a stored subset', () => {
  it('is read as it was chosen, members in the order of choice', () => {
    const { connection } = fixture.folder;
    const [subset] = listSubsets(connection);
    expect(Subset.parse(subset)).toEqual(subset);
    expect(subset).toMatchObject({
      id,
      name: 'best tenth',
      sampleCount: 4,
      measured: null,
      predicted: { dropped: -0.5 },
    });
    expect(listMembers(connection, id).map(({ sampleId }) => sampleId)).toEqual(chosen);
    expect(listMembers(connection, id)[3]).toEqual({ sampleId: chosen[3], score: null });
  });

  it('keeps a measurement and another name', () => {
    const { connection } = fixture.folder;
    const figure = { mean: 0.9, deviation: 0.01, repeats: 3 };
    saveMeasurement(connection, id, { subset: figure, random: figure, everything: null, on: 'test' });
    renameSubset(connection, id, 'tenth');
    expect(readSubset(connection, id)).toMatchObject({
      name: 'tenth',
      measured: { random: figure, on: 'test' },
    });
  });

  it('is gone with its members when it is removed, and says so when it is asked for', () => {
    const { connection } = fixture.folder;
    removeSubset(connection, id);
    expect(connection.prepare('SELECT count(*) FROM subsetMembers').pluck().get()).toBe(0);
    for (const ask of [removeSubset, readSubset, listMembers])
      expect(() => ask(connection, id)).toThrow(`There is no subset ${id}`);
  });

  it('is a filter of the grid, alone and with others, and its counts follow', () => {
    const { connection } = fixture.folder;
    const sorted = chosen.toSorted((a, b) => a - b);
    expect([...querySamples(connection, filter())]).toEqual(sorted);
    expect(countFacets(connection, filter()).total).toBe(4);
    const [tile] = querySamples(connection, { ...filter(), text: '000003' });
    expect(tile).toBe(chosen[1]);
    expect(countFacets(connection, { ...filter(), text: '000003' }).total).toBe(1);
  });
});

describe('an exported subset', () => {
  it('is a manifest with label, split, score and hash, or the names alone', async () => {
    const { folder } = fixture;
    const read = async (format: 'csv' | 'jsonl' | 'names'): Promise<string> => {
      const path = join(folder.path, 'reports', `subset.${format}`);
      const result = await exportSubset(folder, { id, path, format });
      const bytes = readFileSync(path);
      expect(result).toEqual({ path, rows: 4, sha256: createHash('sha256').update(bytes).digest('hex') });
      return bytes.toString();
    };
    const records: Record<string, string>[] = parse(await read('csv'), { columns: true });
    expect(records.map(({ score }) => score)).toEqual(['3', '', '2', '4']);
    expect(records[0]).toMatchObject({
      path: expect.stringMatching(/000003\.png$/) as string,
      sha256: '000003'.padStart(64, 'a'),
    });
    const lines = (await read('jsonl'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ score }) => score)).toEqual([3, null, 2, 4]);
    expect(lines.map(({ path }) => path)).toEqual(records.map(({ path }) => path));
    expect((await read('names')).trim().split('\n')).toEqual(records.map(({ path }) => path));
  });

  it('leaves nothing behind where it cannot be written', async () => {
    const path = join(fixture.folder.path, 'reports', 'taken');
    mkdirSync(join(path, 'full'), { recursive: true });
    await expect(exportSubset(fixture.folder, { id, path, format: 'csv' })).rejects.toThrow(
      'Choose another place',
    );
    expect(readdirSync(join(fixture.folder.path, 'reports'))).toEqual(['taken']);
  });
});
