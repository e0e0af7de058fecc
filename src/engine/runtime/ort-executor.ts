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
import type { ProviderName } from '../../contract/engine-service.ts';
import type { Profile } from '../../core/compiler/lower/lowerings.ts';
import { machineMemory } from './compute-limits.ts';
import { executionProviders, profileOf, providerTitles } from './providers.ts';
import { memoryError, plainReason } from './runtime-error.ts';

/** The part of an ONNX Runtime session that is used here. */
export type RuntimeSession = Pick<InferenceSession, 'run' | 'release'>;

export type OpenRuntimeSession = (
  onnx: Uint8Array,
  options: InferenceSession.SessionOptions,
) => Promise<RuntimeSession>;

export interface OrtExecutorOptions {
  /** The CPU unless given; it stands behind every other. */
  readonly provider?: ProviderName;
  /** Which of several GPUs; the first unless given. */
  readonly deviceId?: number;
  /** Threads within one operator on the CPU; all cores unless given. An app that must stay lively leaves one free. */
  readonly threads?: number;
  /** What programs are compiled for while the CPU runs them: what `probeCpuProfile` found, or plain 'cpu'. */
  readonly cpuProfile?: Profile;
  /** Told once, when the provider fails and the CPU takes over. */
  readonly onFallback?: (reason: AppError) => void;
  readonly openSession?: OpenRuntimeSession;
  /** Programs that need more are not opened; what the machine has unless given. */
  readonly memoryBytes?: number;
}

/**
 * A session's `run` and its creation block the calling thread: long work belongs in a worker. Runs of one program on equal feeds,
 * threads and provider give equal bits. Where the provider fails, at the start or in the middle, the same work is done on the CPU, and
 * all that follows too.
 */
export function createOrtExecutor(options: OrtExecutorOptions = {}): Executor {
  return new OrtExecutor(options);
}

class OrtExecutor implements Executor {
  readonly #options: OrtExecutorOptions;
  #provider: ProviderName;

  constructor(options: OrtExecutorOptions) {
    this.#options = options;
    this.#provider = options.provider ?? 'cpu';
  }

  get memoryBytes(): number {
    return this.#options.memoryBytes ?? machineMemory();
  }

  get profile(): Profile {
    const { cpuProfile = 'cpu' } = this.#options;
    return this.#provider === 'cpu' ? cpuProfile : profileOf(this.#provider);
  }

  async open(program: Program): Promise<Session> {
    return new OrtSession(program, await this.openOn(program), this);
  }

  async openOn(program: Program): Promise<OpenedSession> {
    this.#demandMemory(program);
    const provider = this.#provider;
    try {
      return { provider, runtime: await this.#create(program) };
    } catch (cause) {
      this.fallBack(provider, cause);
      return { provider: 'cpu', runtime: await this.#create(program) };
    }
  }

  /** From now on the CPU; rethrows what the CPU would not do better. */
  fallBack(failed: ProviderName, cause: unknown): void {
    const exhausted = memoryError(cause);
    if (exhausted !== null) throw exhausted;
    if (failed === 'cpu') throw cause;
    if (this.#provider === 'cpu') return;
    this.#provider = 'cpu';
    const facts = { provider: providerTitles[failed], reason: plainReason(cause) };
    this.#options.onFallback?.(new AppError('provider-failed', facts, { cause }));
  }

  /** A system that promises more memory than it has would end the whole process later; smaller batches may fit. */
  #demandMemory({ liveBytes = 0 }: Program): void {
    if (liveBytes > this.memoryBytes) throw new AppError('memory-exhausted', { what: 'A program' });
  }

  /** Settings as measured: memory patterns double the peak for no speed; the arena and sequential execution are faster. */
  #create(program: Program): Promise<RuntimeSession> {
    const {
      deviceId = 0,
      threads = availableParallelism(),
      openSession = openRuntimeSession,
    } = this.#options;
    const weights = [...(program.weights ?? [])].map(([path, data]) => ({ path, data }));
    return openSession(program.onnx, {
      ...(weights.length === 0 ? {} : { externalData: weights }),
      executionProviders: executionProviders(this.#provider, deviceId),
      intraOpNumThreads: threads,
      enableMemPattern: false,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    });
  }
}

const openRuntimeSession: OpenRuntimeSession = (onnx, options) => InferenceSession.create(onnx, options);

interface OpenedSession {
  readonly provider: ProviderName;
  readonly runtime: RuntimeSession;
}

class OrtSession implements Session {
  readonly #program: Program;
  readonly #executor: OrtExecutor;
  #opened: OpenedSession;

  constructor(program: Program, opened: OpenedSession, executor: OrtExecutor) {
    this.#program = program;
    this.#opened = opened;
    this.#executor = executor;
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
    await this.#opened.runtime.release();
  }

  async #run(
    feeds: Record<string, OrtTensor>,
    wanted: readonly string[],
  ): Promise<InferenceSession.ReturnType> {
    const { provider, runtime } = this.#opened;
    try {
      return await runtime.run(feeds, wanted);
    } catch (cause) {
      this.#executor.fallBack(provider, cause);
      // A device that is gone may not even let go of its session.
      await runtime.release().catch(() => undefined);
      this.#opened = await this.#executor.openOn(this.#program);
      return this.#run(feeds, wanted);
    }
  }
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
