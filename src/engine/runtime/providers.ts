/** @file The execution providers of ONNX Runtime: which can be expected to work on this machine, and how a session asks for each. */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, availableParallelism, cpus, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { listSupportedBackends, type InferenceSession } from 'onnxruntime-node';
import type { Profile } from '../../core/compiler/lower/lowerings.ts';
import { providerNames, type ProviderName, type ProviderState } from '../../contract/engine-service.ts';

/** What is known of a machine before any session is opened. */
export interface MachineFacts {
  readonly platform: string;
  readonly arch: string;
  readonly processor: string;
  /** Provider → whether ONNX Runtime's package brings it; absent: this system's ONNX Runtime does not know it. */
  readonly packaged: ReadonlyMap<string, boolean>;
  /** Providers whose binaries somebody put beside ONNX Runtime's. */
  readonly added: ReadonlySet<string>;
  /** Whether the system shows anything that a GPU's driver would make. */
  readonly hasGraphics: boolean;
}

/** In the order in which a person reads them; the CPU is always first and always there. */
export function listProviders(facts: MachineFacts = machineFacts()): readonly ProviderState[] {
  return providerNames.map((name) => ({ name, ...describe(name, facts) }));
}

function describe(name: ProviderName, facts: MachineFacts): Omit<ProviderState, 'name'> {
  const present = (note: string) => ({ available: true, note });
  const absent = (note: string) => ({ available: false, note });
  const packaged = facts.packaged.get(name);
  if (name === 'cpu') return present(facts.processor);
  if (facts.added.has(name))
    return present('Its binaries are installed; the self-test shows whether it works.');
  if (packaged === undefined)
    return absent(`ONNX Runtime has no ${providerTitles[name]} on ${facts.platform} ${facts.arch}.`);
  if (!packaged) {
    return absent(
      `Needs NVIDIA's libraries and the ${providerTitles[name]} binaries of ONNX Runtime, which are not packaged with Whence.`,
    );
  }
  if (!facts.hasGraphics) return absent('No graphics device or driver was found.');
  return present('Packaged; the self-test shows whether it finds a device and computes rightly.');
}

/** What a person reads. */
export const providerTitles: Readonly<Record<ProviderName, string>> = {
  cpu: 'The CPU',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  tensorrt: 'TensorRT',
  dml: 'DirectML',
  coreml: 'CoreML',
};

/** The formulation of programs that a provider runs best. */
export function profileOf(provider: ProviderName): Profile {
  if (provider === 'cpu' || provider === 'webgpu') return provider;
  return 'portable';
}

/** What a session's `executionProviders` must say; ONNX Runtime puts the CPU behind them by itself. */
export function executionProviders(
  provider: ProviderName,
  deviceId: number,
): InferenceSession.ExecutionProviderConfig[] {
  switch (provider) {
    case 'cpu':
    case 'webgpu':
      return [{ name: provider }];
    case 'cuda':
    case 'dml':
      return [{ name: provider, deviceId }];
    case 'tensorrt':
      // CUDA takes what TensorRT leaves.
      return [
        { name: 'tensorrt', deviceId },
        { name: 'cuda', deviceId },
      ];
    case 'coreml':
      // Not the neural engine: it computes in float16.
      return [{ name: 'coreml', useCPUAndGPU: true }];
  }
}

function machineFacts(): MachineFacts {
  const folder = binaryFolder();
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return {
    platform: platform(),
    arch: arch(),
    processor: `${cpus()[0]?.model.trim() ?? arch()}, ${availableParallelism()} cores`,
    packaged: new Map(listSupportedBackends().map((backend) => [backend.name, backend.bundled])),
    added: new Set(
      ['cuda', 'tensorrt'].filter((name) =>
        files.some((file) => file.includes(`onnxruntime_providers_${name}.`)),
      ),
    ),
    hasGraphics: platform() !== 'linux' || hasLinuxGraphics(),
  };
}

function binaryFolder(): string {
  const packageFile = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  return join(dirname(packageFile), 'bin/napi-v6', platform(), arch());
}

/** A device node of a GPU, or a driver that somebody names for Vulkan, such as a software one in a test. */
function hasLinuxGraphics(): boolean {
  const named = process.env['VK_ICD_FILENAMES'] ?? process.env['VK_DRIVER_FILES'] ?? '';
  return named !== '' || ['/dev/dri', '/dev/nvidia0', '/dev/dxg'].some((path) => existsSync(path));
}
