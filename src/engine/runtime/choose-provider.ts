/** @file Which provider a run computes on: the one asked for, or the fastest that is trusted; the CPU wherever that cannot be. */
import { AppError } from '../../core/base/app-error.ts';
import { present } from '../../core/base/assert.ts';
import type {
  ProviderChoice,
  ProviderName,
  ProviderState,
  ProviderVerdict,
} from '../../contract/engine-service.ts';
import { providerTitles } from './providers.ts';

export interface ChosenProvider {
  readonly name: ProviderName;
  /** Why it is not what was asked for. */
  readonly notes: readonly AppError[];
}

export type TestProvider = (provider: ProviderName) => Promise<ProviderVerdict>;

/** Less than this is not worth numbers that differ in their last digits. */
const WORTHWHILE_RATIO = 1.1;

export async function chooseProvider(
  choice: ProviderChoice,
  states: readonly ProviderState[],
  test: TestProvider,
): Promise<ChosenProvider> {
  if (choice === 'cpu') return { name: 'cpu', notes: [] };
  if (choice === 'auto') return chooseFastest(states, test);
  const { available, note } = present(
    states.find(({ name }) => name === choice),
    choice,
  );
  if (!available) return onCpuBecause('provider-unavailable', choice, note);
  const verdict = await test(choice);
  if (verdict.outcome !== 'agrees') return onCpuBecause('provider-untrusted', choice, verdict.reason);
  return { name: choice, notes: [] };
}

/** TensorRT builds engines for minutes before a first run: it is taken only when asked for. */
async function chooseFastest(states: readonly ProviderState[], test: TestProvider): Promise<ChosenProvider> {
  let best: { name: ProviderName; ratio: number } = { name: 'cpu', ratio: WORTHWHILE_RATIO };
  const notes: AppError[] = [];
  for (const { name, available } of states) {
    if (!available || name === 'cpu' || name === 'tensorrt') continue;
    const { outcome, speedRatio, reason } = await test(name);
    // Wrong numbers are worth telling even where nobody asked for this provider; an absent device is not.
    if (outcome === 'disagrees') notes.push(noteOf('provider-untrusted', name, reason));
    if (outcome === 'agrees' && speedRatio !== null && speedRatio > best.ratio)
      best = { name, ratio: speedRatio };
  }
  return { name: best.name, notes: best.name === 'cpu' ? notes : [] };
}

function onCpuBecause(
  code: 'provider-unavailable' | 'provider-untrusted',
  provider: ProviderName,
  reason: string,
): ChosenProvider {
  return { name: 'cpu', notes: [noteOf(code, provider, reason)] };
}

function noteOf(
  code: 'provider-unavailable' | 'provider-untrusted',
  provider: ProviderName,
  reason: string,
): AppError {
  return new AppError(code, { provider: providerTitles[provider], reason });
}
