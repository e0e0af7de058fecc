/** @file The executor of one run: settles on a provider once the run's model is known, and tells what it settled on. */
import type { AppError } from '../../core/base/app-error.ts';
import type { Executor, Program, Session } from '../../core/execution/executor.ts';
import type { ProviderChoice, ProviderName } from '../../contract/engine-service.ts';
import { chooseProvider } from './choose-provider.ts';
import type { ComputeLimits } from './compute-limits.ts';
import { createOrtExecutor } from './ort-executor.ts';
import { probeCpuProfile } from './probe-blocks.ts';
import { listProviders } from './providers.ts';
import type { TestedModel } from './self-test-programs.ts';
import { testProvider, type ProviderTesting } from './test-provider.ts';

export interface RunExecutorOptions extends Omit<ProviderTesting, 'afresh'> {
  readonly choice: ProviderChoice;
  readonly limits: ComputeLimits;
  /** Told the provider that the run computes on, and again where it has to change; `notes` are for the person. */
  readonly onProvider: (provider: ProviderName, notes: readonly AppError[]) => void;
}

/** Computes on the CPU until it has settled. */
export class RunExecutor implements Executor {
  readonly #options: RunExecutorOptions;
  #inner: Executor;

  constructor(options: RunExecutorOptions) {
    this.#options = options;
    this.#inner = createOrtExecutor(options.limits);
  }

  get profile(): Executor['profile'] {
    return this.#inner.profile;
  }

  get memoryBytes(): number {
    return this.#options.limits.memoryBytes;
  }

  open(program: Program): Promise<Session> {
    return this.#inner.open(program);
  }

  /** Chooses the provider for a run with this model; tests providers that were never tested with one of its structure. */
  async settle(model: TestedModel): Promise<void> {
    const { choice, deviceId, limits, onProvider } = this.#options;
    const { name, notes } = await chooseProvider(choice, listProviders(), (provider) =>
      testProvider(provider, model, this.#options),
    );
    onProvider(name, notes);
    this.#inner = createOrtExecutor({
      provider: name,
      deviceId,
      ...limits,
      cpuProfile: await probeCpuProfile(),
      onFallback: (reason) => onProvider('cpu', [reason]),
    });
  }
}
