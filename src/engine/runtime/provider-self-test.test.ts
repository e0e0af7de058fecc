import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { buildClassifier } from '../../core/nn/classifier.ts';
import type { OpenRuntimeSession, RuntimeSession } from './ort-executor.ts';
import { selfTest } from './provider-self-test.ts';
import { runSelfTest } from './run-self-test.ts';
import { selfTestPrograms, structureHash, type TestedModel } from './self-test-programs.ts';

function modelOf(imageSize: number, seed = 0): TestedModel {
  const network = buildClassifier({
    architecture: 'cnn',
    channels: 1,
    imageSize,
    classCount: 3,
    dropout: 0.2,
  });
  return { network, parameters: network.initialParameters(seed) };
}

const pairs = selfTestPrograms(modelOf(8), 'portable', 2);

/** The CPU under another provider's name; what it gives is spoilt before it is handed over. */
function pretending(spoil: (data: Float32Array) => void): OpenRuntimeSession {
  return async (onnx, options) => {
    const isCpu = (options.executionProviders as { name: string }[])[0]!.name === 'cpu';
    const session = await InferenceSession.create(onnx, { ...options, executionProviders: ['cpu'] });
    if (isCpu) return session;
    const run = async (
      feeds: InferenceSession.FeedsType,
      fetches: InferenceSession.FetchesType,
    ): Promise<InferenceSession.ReturnType> => {
      const found = await session.run(feeds, fetches);
      for (const tensor of Object.values(found)) spoil(tensor.data as Float32Array);
      return found;
    };
    return { run, release: () => session.release() } as RuntimeSession;
  };
}

const test = { provider: 'dml', deviceId: 0, pairs } as const;

describe('the self-test of a provider', () => {
  it('agrees where the same comes out, and measures each program', async () => {
    const verdict = await selfTest(test, { openSession: pretending(() => undefined) });
    expect(verdict.outcome).toBe('agrees');
    expect(verdict.worstError).toBeLessThan(1e-5);
    expect(verdict.speedRatio).toBeGreaterThan(0);
    expect(verdict.comparisons.map(({ name }) => name)).toEqual([
      'prediction',
      'training step',
      'features (fold)',
      'features (factorised)',
    ]);
  });

  it('disagrees where numbers are off, and says by how much', async () => {
    const spoil = (data: Float32Array): void => data.forEach((number, at) => (data[at] = number * 1.02));
    const verdict = await selfTest(test, { openSession: pretending(spoil) });
    expect(verdict).toMatchObject({ outcome: 'disagrees' });
    expect(verdict.worstError).toBeCloseTo(0.02, 3);
    expect(verdict.reason).toContain('The training step differs by 2.0e-2');
  });

  it('disagrees where one number is not finite', async () => {
    const spoil = (data: Float32Array): void => void data.fill(NaN, 0, 1);
    const verdict = await selfTest(test, { openSession: pretending(spoil) });
    expect(verdict).toMatchObject({ outcome: 'disagrees', worstError: null });
  });

  it('fails, with the reason, where the provider cannot do the work', async () => {
    const verdict = await selfTest(test, {
      openSession: pretending(() => {
        throw new Error('device lost');
      }),
    });
    expect(verdict).toMatchObject({ outcome: 'failed', reason: 'device lost.', speedRatio: null });
  });

  it('runs in a process of its own, and gives the reason of ONNX Runtime', async () => {
    const provider = process.platform === 'darwin' ? 'dml' : 'coreml';
    const verdict = await runSelfTest({ ...test, provider });
    expect(verdict.outcome).toBe('failed');
    expect(verdict.reason).toMatch(/backend|provider/i);
  });

  it('fails where its process crashes', async () => {
    const verdict = await runSelfTest(test, () => Promise.resolve('It crashed (SIGABRT).'));
    expect(verdict).toMatchObject({ outcome: 'failed', reason: 'It crashed (SIGABRT).' });
  });
});

describe('the structure of a tested model', () => {
  it('stays the same over trainings and changes with the network and the formulation', () => {
    const hash = structureHash(modelOf(8), 'webgpu');
    expect(structureHash(modelOf(8, 5), 'webgpu')).toBe(hash);
    expect(structureHash(modelOf(9), 'webgpu')).not.toBe(hash);
    expect(structureHash(modelOf(8), 'cpu')).not.toBe(hash);
  });
});
