/** @file The executor of one run: settles on a provider once the run's model is known, and tells what it settled on. */
import type { AppError } from '../../core/base/app-error.ts';
import type { Executor, Program, Session } from '../../core/execution/executor.ts';
import type { ProviderChoice, ProviderName, ProviderVerdict } from '../../contract/engine-service.ts';
import { chooseProvider } from './choose-provider.ts';
import { createOrtExecutor } from './ort-executor.ts';
import { probeCpuProfile } from './probe-blocks.ts';
import { listProviders, profileOf } from './providers.ts';
import { runSelfTest, type StartSelfTest } from './run-self-test.ts';
import { selfTestPrograms, structureHash, type TestedModel } from './self-test-programs.ts';
import { machineSetting, type VerdictStore } from './verdict-store.ts';

export interface RunExecutorOptions {
  readonly choice: ProviderChoice;
  readonly deviceId: number;
  readonly threads: number;
  readonly verdicts: VerdictStore;
  readonly startSelfTest: StartSelfTest;
  /** Told the provider that the run computes on, and again where it has to change; `note` is for the person. */
  readonly onProvider: (provider: ProviderName, notes: readonly AppError[]) => void;
  /** Told that a test begins, which may take a minute. */
  readonly onTest?: (provider: ProviderName) => void;
}

/** Computes on the CPU until it has settled. */
export class RunExecutor implements Executor {
  readonly #options: RunExecutorOptions;
  #inner: Executor;

  constructor(options: RunExecutorOptions) {
    this.#options = options;
    this.#inner = createOrtExecutor({ threads: options.threads });
  }

  get profile(): Executor['profile'] {
    return this.#inner.profile;
  }

  open(program: Program): Promise<Session> {
    return this.#inner.open(program);
  }

  /** Chooses the provider for a run with this model; tests providers that were never tested with one of its structure. */
  async settle(model: TestedModel): Promise<void> {
    const { choice, deviceId, threads, onProvider } = this.#options;
    const { name, notes } = await chooseProvider(choice, listProviders(), (provider) =>
      this.#verdictOn(provider, model),
    );
    onProvider(name, notes);
    this.#inner = createOrtExecutor({
      provider: name,
      deviceId,
      threads,
      cpuProfile: await probeCpuProfile(),
      onFallback: (reason) => onProvider('cpu', [reason]),
    });
  }

  async #verdictOn(provider: ProviderName, model: TestedModel): Promise<ProviderVerdict> {
    const { deviceId, verdicts, startSelfTest, onTest } = this.#options;
    const profile = profileOf(provider);
    const structure = structureHash(model, profile);
    const setting = { provider, deviceId, structure, ...machineSetting() };
    const known = verdicts.find(setting);
    if (known !== null) return known;
    onTest?.(provider);
    const pairs = selfTestPrograms(model, profile);
    const verdict = await runSelfTest({ provider, deviceId, pairs }, startSelfTest);
    verdicts.save(setting, verdict);
    return verdict;
  }
}
