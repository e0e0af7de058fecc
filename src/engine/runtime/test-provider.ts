/** @file The verdict on a provider with a model: the one that is kept, or that of a test made now. */
import type { ProviderName, ProviderVerdict } from '../../contract/engine-service.ts';
import { profileOf } from './providers.ts';
import { runSelfTest, type StartSelfTest } from './run-self-test.ts';
import { selfTestPrograms, structureHash, type TestedModel } from './self-test-programs.ts';
import { machineSetting, type VerdictStore } from './verdict-store.ts';

export interface ProviderTesting {
  readonly deviceId: number;
  /** null: nothing is kept. */
  readonly verdicts: VerdictStore | null;
  readonly startSelfTest: StartSelfTest;
  /** Tests although there is a verdict: a driver may have been put right. */
  readonly afresh?: boolean;
  /** Told that a test begins, which may take a minute. */
  readonly onTest?: ((provider: ProviderName) => void) | undefined;
}

export async function testProvider(
  provider: ProviderName,
  model: TestedModel,
  { deviceId, verdicts, startSelfTest, afresh = false, onTest }: ProviderTesting,
): Promise<ProviderVerdict> {
  const profile = profileOf(provider);
  const structure = structureHash(model, profile);
  const setting = { provider, deviceId, structure, ...machineSetting() };
  const known = afresh ? null : (verdicts?.find(setting) ?? null);
  if (known !== null) return known;
  onTest?.(provider);
  const pairs = selfTestPrograms(model, profile);
  const verdict = await runSelfTest({ provider, deviceId, pairs }, startSelfTest);
  verdicts?.save(setting, verdict);
  return verdict;
}
