/** @file The Executor over ONNX Runtime: the only place that opens and runs its sessions. */
import { availableParallelism } from 'node:os';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { AppError } from '../../core/base/app-error.ts';
import { present } from '../../core/base/assert.ts';
import {
  outputTensorName,
  type Executor,
  type Feeds,
  type Fetches,
  type Program,
  type Session,
} from '../../core/execution/executor.ts';
import {
  makeTensor,
  type DType,
  type Tensor,
  type TensorData,
  type TensorType,
} from '../../core/tensor/tensor.ts';
import { listProviders, type ProviderName } from './providers.ts';

export interface OrtExecutorOptions {
  /** Tried in order; the CPU stands behind them all. */
  readonly providers?: readonly ProviderName[];
  /** Threads within one operator; all cores unless given. An app that must stay lively leaves one free. */
  readonly threads?: number;
  /** Told when a wanted provider cannot be used and the next one is taken. */
  readonly onFallback?: (reason: AppError) => void;
}

/**
 * A session's `run` and its creation block the calling thread: long work belongs in a worker. Runs of one program on equal
 * feeds, threads and provider give equal bits.
 */
export function createOrtExecutor(options: OrtExecutorOptions = {}): Executor {
  return {
    open: async (program) => {
      for (const provider of wantedProviders(options)) {
        try {
          return new OrtSession(program, await createSession(program, provider, options.threads));
        } catch (cause) {
          options.onFallback?.(unavailable(provider, cause));
        }
      }
      return new OrtSession(program, await createSession(program, 'cpu', options.threads));
    },
  };
}

/** The wanted ones that this machine has, before the CPU; the others are reported at once. */
function wantedProviders({ providers = [], onFallback }: OrtExecutorOptions): ProviderName[] {
  const states = new Map(listProviders().map((state) => [state.name, state]));
  const beforeCpu = providers.includes('cpu') ? providers.slice(0, providers.indexOf('cpu')) : providers;
  return beforeCpu.filter((provider) => {
    const state = present(states.get(provider), provider);
    if (!state.available) {
      onFallback?.(new AppError('provider-unavailable', { provider, reason: state.note }));
    }
    return state.available;
  });
}

function unavailable(provider: ProviderName, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError('provider-unavailable', { provider, reason }, { cause });
}

/** Settings as measured: memory patterns double the peak for no speed; the arena and sequential execution are faster. */
async function createSession(
  program: Program,
  provider: ProviderName,
  threads = availableParallelism(),
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(program.onnx, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      enableMemPattern: false,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    });
  } catch (cause) {
    throw memoryError(cause) ?? cause;
  }
}

class OrtSession implements Session {
  readonly #program: Program;
  readonly #session: InferenceSession;

  constructor(program: Program, session: InferenceSession) {
    this.#program = program;
    this.#session = session;
  }

  async run(feeds: Feeds, outputs: readonly string[] = [...this.#program.outputs.keys()]): Promise<Fetches> {
    const inputs = this.#program.inputs;
    const ortFeeds: Record<string, OrtTensor> = {};
    for (const [name, type] of inputs) ortFeeds[name] = toOrt(name, type, feeds[name]);
    const wanted = outputs.map((name) => outputTensorName(inputs, name));
    const fetched = await this.#run(ortFeeds, wanted);
    const fetches: Fetches = {};
    outputs.forEach((name, index) => {
      const tensor = present(fetched[wanted[index]!], `output ${name}`);
      fetches[name] = fromOrt(present(this.#program.outputs.get(name), `output ${name}`), tensor);
    });
    return fetches;
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }

  async #run(
    feeds: Record<string, OrtTensor>,
    wanted: readonly string[],
  ): Promise<InferenceSession.ReturnType> {
    try {
      return await this.#session.run(feeds, wanted);
    } catch (cause) {
      throw memoryError(cause) ?? cause;
    }
  }
}

/** ONNX Runtime tells a failed allocation by its text only. */
function memoryError(cause: unknown): AppError | null {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (!/bad_alloc|bad allocation|failed to allocate|out of memory|array buffer allocation/i.test(text))
    return null;
  return new AppError('memory-exhausted', { what: 'This step' }, { cause });
}

/** Typed arrays are handed over as views: ONNX Runtime reads them in place. */
function toOrt(name: string, type: TensorType, tensor: Tensor | undefined): OrtTensor {
  const { dtype, shape, data } = present(tensor, `feed ${name}`);
  if (dtype !== type.dtype || shape.join() !== type.shape.join()) {
    throw new Error(
      `internal: feed ${name} is ${dtype} [${shape.join()}], expected ${type.dtype} [${type.shape.join()}]`,
    );
  }
  if (dtype !== 'float16') return new OrtTensor(dtype as 'float32', data as Float32Array, shape);
  // Where Float16Array exists the binding wants it but reads it wrongly; raw bits under a corrected type name work.
  const bits = new OrtTensor('uint16', data as Uint16Array, shape);
  Object.defineProperty(bits, 'type', { value: 'float16' });
  return bits;
}

function fromOrt({ dtype, shape }: TensorType, tensor: OrtTensor): Tensor {
  const data = tensor.data as TensorData;
  if (dtype === 'float16') {
    return makeTensor(dtype, shape, new Uint16Array(data.buffer, data.byteOffset, data.length) as never);
  }
  return makeTensor<DType>(dtype, shape, data);
}
