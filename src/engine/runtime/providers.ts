/** @file The execution providers of ONNX Runtime, and which of them can be expected to work on this machine. */
import { arch, availableParallelism, cpus, platform } from 'node:os';
import { listSupportedBackends } from 'onnxruntime-node';

const providerNames = ['cpu', 'webgpu', 'cuda', 'tensorrt', 'dml', 'coreml'] as const;
export type ProviderName = (typeof providerNames)[number];

export interface ProviderState {
  readonly name: ProviderName;
  readonly available: boolean;
  /** Why not, or what it runs on. */
  readonly note: string;
}

/** In the order of preference for a person to read; the CPU is always first and always there. */
export function listProviders(): readonly ProviderState[] {
  const bundled = new Map(listSupportedBackends().map((backend) => [backend.name, backend.bundled]));
  return providerNames.map((name) => describe(name, bundled.get(name)));
}

/** `bundled` is undefined where this platform's ONNX Runtime does not know the provider at all. */
function describe(name: ProviderName, bundled: boolean | undefined): ProviderState {
  if (name === 'cpu') {
    const model = cpus()[0]?.model.trim() ?? arch();
    return { name, available: true, note: `${model}, ${availableParallelism()} cores` };
  }
  if (bundled === undefined) {
    return { name, available: false, note: `ONNX Runtime has no ${name} on ${platform()} ${arch()}.` };
  }
  if (!bundled) {
    const note = `Needs NVIDIA's libraries and the ${name} binaries of ONNX Runtime, which are not packaged with Whence.`;
    return { name, available: false, note };
  }
  return { name, available: true, note: 'Packaged; whether it finds a device shows at the first run.' };
}
