/** @file Compares a provider with the CPU on a model's own programs, and judges. */
import type { ProviderName, ProviderVerdict } from '../../contract/engine-service.ts';
import type { AppError } from '../../core/base/app-error.ts';
import { createOrtExecutor, type OrtExecutorOptions } from './ort-executor.ts';
import { plainReason } from './runtime-error.ts';
import { compareProgram, type ProgramComparison, type ProgramPair } from './program-comparison.ts';

export interface SelfTest {
  readonly provider: ProviderName;
  readonly deviceId: number;
  readonly pairs: readonly ProgramPair[];
}

/**
 * Opens sessions on the provider, which may crash the whole process: callers run this in a process of its own
 * (`run-self-test.ts`). Never throws for what the provider does wrong.
 */
export async function selfTest(
  { provider, deviceId, pairs }: SelfTest,
  runtime: Pick<OrtExecutorOptions, 'openSession'> = {},
): Promise<ProviderVerdict> {
  const failures: AppError[] = [];
  const tested = createOrtExecutor({
    ...runtime,
    provider,
    deviceId,
    onFallback: (reason) => failures.push(reason),
  });
  const cpu = createOrtExecutor(runtime);
  const comparisons: ProgramComparison[] = [];
  for (const pair of pairs) {
    comparisons.push(await compareProgram(cpu, tested, pair));
    const failure = failures[0];
    if (failure !== undefined) return failed(String(failure.details['reason']));
  }
  return judge(comparisons);
}

/** A provider that could not do the work at all. */
export function failed(reason: string): ProviderVerdict {
  return {
    outcome: 'failed',
    worstError: null,
    speedRatio: null,
    reason: plainReason(reason),
    comparisons: [],
  };
}

function judge(comparisons: readonly ProgramComparison[]): ProviderVerdict {
  const wrong = comparisons.filter(({ error, tolerance }) => error === null || error > tolerance);
  const worstError = comparisons.some(({ error }) => error === null)
    ? null
    : Math.max(...comparisons.map(({ error }) => error ?? 0));
  const total = (key: 'cpuMs' | 'providerMs'): number =>
    comparisons.reduce((sum, comparison) => sum + comparison[key], 0);
  return {
    outcome: wrong.length === 0 ? 'agrees' : 'disagrees',
    worstError,
    speedRatio: total('cpuMs') / total('providerMs'),
    reason: wrong.length === 0 ? 'It computes what the CPU computes.' : wrong.map(describeError).join(' '),
    comparisons: [...comparisons],
  };
}

function describeError({ name, error, tolerance }: ProgramComparison): string {
  const size = error === null ? 'gives numbers that are not finite' : `differs by ${error.toExponential(1)}`;
  return `The ${name} ${size}, where ${tolerance.toExponential(0)} is accepted.`;
}
