import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ProviderVerdict } from '../../contract/engine-service.ts';
import { machineSetting, VerdictStore, type TestedSetting } from './verdict-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'whence-verdicts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const setting: TestedSetting = { provider: 'webgpu', deviceId: 0, structure: 'abc', ...machineSetting() };
const verdict: ProviderVerdict = {
  outcome: 'agrees',
  worstError: 1e-6,
  speedRatio: 2,
  reason: 'It computes what the CPU computes.',
  comparisons: [{ name: 'prediction', error: 1e-6, tolerance: 1e-3, cpuMs: 2, providerMs: 1 }],
};

describe('verdicts on providers', () => {
  it('are found again by another process', () => {
    const file = join(folder, 'cache', 'verdicts.json');
    expect(new VerdictStore(file).find(setting)).toBeNull();
    new VerdictStore(file).save(setting, verdict);
    expect(new VerdictStore(file).find({ ...setting })).toEqual(verdict);
  });

  it.each(Object.keys(setting) as (keyof TestedSetting)[])('are forgotten when the %s changes', (fact) => {
    const store = new VerdictStore(join(folder, 'facts.json'));
    store.save(setting, verdict);
    expect(store.find({ ...setting, [fact]: 'another' })).toBeNull();
  });

  it('are made again where their file is damaged', () => {
    const file = join(folder, 'damaged.json');
    writeFileSync(file, '{"half');
    const store = new VerdictStore(file);
    expect(store.find(setting)).toBeNull();
    store.save(setting, verdict);
    expect(store.find(setting)).toEqual(verdict);
  });
});
