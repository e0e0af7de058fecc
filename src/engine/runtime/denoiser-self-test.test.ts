import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { makeDenoiser } from '../../../testing/denoisers.ts';
import { drawParameters } from '../../../testing/networks.ts';
import { makeClassifier } from '../../../testing/networks.ts';
import { isDenoiser } from './denoiser-self-test.ts';
import type { OpenRuntimeSession, RuntimeSession } from './ort-executor.ts';
import { selfTest } from './provider-self-test.ts';
import { selfTestPrograms, structureHash } from './self-test-programs.ts';

const network = makeDenoiser({ classCount: 2, dropout: 0.1 });
const parameters = drawParameters(network);
const pairs = selfTestPrograms({ network, parameters }, 'portable', 2);

/** The CPU under another provider's name; what it gives is spoilt before it is handed over. */
function pretending(spoil: (data: Float32Array) => void): OpenRuntimeSession {
  return async (onnx, options) => {
    const isCpu = (options.executionProviders as { name: string }[])[0]!.name === 'cpu';
    const session = await InferenceSession.create(onnx, { ...options, executionProviders: ['cpu'] });
    if (isCpu) return session;
    const run: RuntimeSession['run'] = async (feeds: InferenceSession.FeedsType, fetches: unknown) => {
      const found = await session.run(feeds, fetches as InferenceSession.FetchesType);
      for (const tensor of Object.values(found)) spoil(tensor.data as Float32Array);
      return found;
    };
    return { run, release: () => session.release() };
  };
}

const test = { provider: 'dml', deviceId: 0, pairs } as const;

describe('the self-test of a provider with a denoiser', () => {
  it('agrees where the CPU is compared with itself, in every program of a denoiser', async () => {
    const verdict = await selfTest(test, { openSession: pretending(() => undefined) });
    expect(verdict.outcome).toBe('agrees');
    expect(verdict.comparisons.map(({ name }) => name)).toEqual([
      ...['prediction', 'training step', 'features (fold)', 'features (factorised)'],
    ]);
  });

  it('disagrees where numbers are off', async () => {
    const spoil = (data: Float32Array): void => data.forEach((number, at) => (data[at] = number * 1.02));
    const verdict = await selfTest(test, { openSession: pretending(spoil) });
    expect(verdict.outcome).toBe('disagrees');
  });
});

describe('a denoiser', () => {
  it('is told from a classifier by what it is told, and each has its own structure', () => {
    expect(isDenoiser(network)).toBe(true);
    expect(isDenoiser(makeClassifier('mlp'))).toBe(false);
    const unconditional = makeDenoiser();
    const hashes = [
      structureHash({ network, parameters }, 'cpu'),
      structureHash({ network: unconditional, parameters: drawParameters(unconditional) }, 'cpu'),
    ];
    expect(new Set(hashes).size).toBe(2);
  });
});
