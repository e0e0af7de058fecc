/** @file Verdicts on providers, kept in a file: a test is made again only when something that it depends on has changed. */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, hostname, platform, release } from 'node:os';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ProviderVerdict, type ProviderName } from '../../contract/engine-service.ts';

/** Everything that a verdict depends on. */
export interface TestedSetting {
  readonly provider: ProviderName;
  readonly deviceId: number;
  /** Of the model: `structureHash`. */
  readonly structure: string;
  readonly machine: string;
  readonly runtimeVersion: string;
  /** As far as the system tells. */
  readonly driver: string;
}

const StoredVerdicts = z.record(z.string(), ProviderVerdict);

export class VerdictStore {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  find(setting: TestedSetting): ProviderVerdict | null {
    return this.#read()[keyOf(setting)] ?? null;
  }

  save(setting: TestedSetting, verdict: ProviderVerdict): void {
    const partial = `${this.#file}.${randomUUID()}.partial`;
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(partial, `${JSON.stringify({ ...this.#read(), [keyOf(setting)]: verdict }, null, 1)}\n`);
    renameSync(partial, this.#file);
  }

  /** A damaged file costs a test, never a run. */
  #read(): z.infer<typeof StoredVerdicts> {
    try {
      return existsSync(this.#file) ? StoredVerdicts.parse(JSON.parse(readFileSync(this.#file, 'utf8'))) : {};
    } catch {
      return {};
    }
  }
}

function keyOf(setting: TestedSetting): string {
  const facts = Object.entries(setting).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

/** What this machine adds to a setting. */
export function machineSetting(): Pick<TestedSetting, 'machine' | 'runtimeVersion' | 'driver'> {
  const runtime = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return {
    machine: [hostname(), platform(), release(), arch(), cpus()[0]?.model ?? ''].join(' '),
    runtimeVersion: runtime.version,
    driver: driverText(),
  };
}

/** ONNX Runtime does not name the adapter; NVIDIA's driver and a chosen Vulkan driver name themselves. */
function driverText(): string {
  const nvidia = '/proc/driver/nvidia/version';
  return [
    existsSync(nvidia) ? readFileSync(nvidia, 'utf8') : '',
    process.env['VK_ICD_FILENAMES'] ?? '',
    process.env['VK_DRIVER_FILES'] ?? '',
  ].join('\n');
}
