import { describe, expect, it } from 'vitest';
import type { ProviderName, ProviderState, ProviderVerdict } from '../../contract/engine-service.ts';
import { chooseProvider } from './choose-provider.ts';

const states: ProviderState[] = (['cpu', 'webgpu', 'cuda', 'tensorrt', 'dml'] as const).map((name) => ({
  name,
  available: name !== 'dml',
  note: `${name} is not here.`,
}));

const trusted = (speedRatio: number): ProviderVerdict => ({
  outcome: 'agrees',
  worstError: 1e-6,
  speedRatio,
  reason: 'It computes what the CPU computes.',
  comparisons: [],
});
const wrong: ProviderVerdict = { ...trusted(9), outcome: 'disagrees', reason: 'It differs.' };
const broken: ProviderVerdict = { ...wrong, outcome: 'failed', speedRatio: null, reason: 'No device.' };

function testing(verdicts: Partial<Record<ProviderName, ProviderVerdict>>) {
  const tested: string[] = [];
  const test = (name: ProviderName): Promise<ProviderVerdict> => {
    tested.push(name);
    return Promise.resolve(verdicts[name] ?? broken);
  };
  return { tested, test };
}

describe('the provider of a run', () => {
  it('is the fastest of those that agree with the CPU, where nobody chose', async () => {
    const { test, tested } = testing({ webgpu: trusted(3), cuda: trusted(8) });
    expect(await chooseProvider('auto', states, test)).toEqual({ name: 'cuda', notes: [] });
    // Neither absent providers nor TensorRT, which takes minutes to begin.
    expect(tested).toEqual(['webgpu', 'cuda']);
  });

  it('is the CPU where the others are no faster, wrong or broken; wrong numbers are told', async () => {
    const slow = testing({ webgpu: trusted(1.05) });
    expect(await chooseProvider('auto', states, slow.test)).toEqual({ name: 'cpu', notes: [] });
    const { name, notes } = await chooseProvider('auto', states, testing({ cuda: wrong }).test);
    expect(name).toBe('cpu');
    expect(notes.map((note) => note.message)).toEqual([
      'CUDA did not pass its self-test with this model: It differs. The CPU is used instead.',
    ]);
  });

  it('is the one asked for once it is trusted, however fast it is', async () => {
    const { test } = testing({ webgpu: trusted(0.1) });
    expect(await chooseProvider('webgpu', states, test)).toEqual({ name: 'webgpu', notes: [] });
  });

  it('is the CPU, with a message, where the one asked for is absent or not trusted', async () => {
    const absent = await chooseProvider('dml', states, testing({}).test);
    expect(absent.name).toBe('cpu');
    expect(absent.notes[0]!.message).toBe(
      'DirectML cannot be used here: dml is not here. The CPU is used instead.',
    );
    const untrusted = await chooseProvider('tensorrt', states, testing({ tensorrt: broken }).test);
    expect(untrusted.name).toBe('cpu');
    expect(untrusted.notes[0]!.code).toBe('provider-untrusted');
    expect(untrusted.notes[0]!.message).toContain('No device.');
  });

  it('is the CPU without any test where that was asked for', async () => {
    const { test, tested } = testing({ cuda: trusted(8) });
    expect(await chooseProvider('cpu', states, test)).toEqual({ name: 'cpu', notes: [] });
    expect(tested).toEqual([]);
  });
});
