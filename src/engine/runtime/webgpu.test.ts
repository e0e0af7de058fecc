import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { allOpCases } from '../../../testing/op-case-graph.ts';
import { tolerances } from '../../../testing/tolerances.ts';
import type { ConformanceCheck } from '../../../testing/webgpu-conformance.ts';

/** Vulkan in software, as Debian's chromium brings it. */
const softwareDriver = '/usr/lib/chromium/vk_swiftshader_icd.json';
const driver = process.env['VK_ICD_FILENAMES'] ?? (existsSync(softwareDriver) ? softwareDriver : null);
if (driver === null) console.log(`WebGPU is not tested: there is no ${softwareDriver} (Debian: chromium).`);

function runConformance(): ConformanceCheck[] {
  const program = fileURLToPath(new URL('../../../testing/webgpu-conformance.ts', import.meta.url));
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, [program], {
    encoding: 'utf8',
    env: { ...process.env, VK_ICD_FILENAMES: driver ?? '' },
  });
  if (status !== 0) throw new Error(`ended with ${signal ?? String(status)} after: ${stdout}\n${stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ConformanceCheck);
}

describe.skipIf(driver === null)('WebGPU', () => {
  it('computes every operator, gradients of tied maxima, predictions, training steps and features as the CPU does', () => {
    const checks = runConformance();
    expect(checks).toHaveLength(allOpCases.length + 1 + 2 * 4);
    for (const { name, error, failure } of checks) {
      expect(failure, name).toBeNull();
      const isTrigonometric = /^(Sin|Cos) /.test(name);
      expect(error, name).toBeLessThan(
        isTrigonometric ? tolerances.webgpuTrigonometry : tolerances.webgpuCompiled,
      );
    }
  }, 180_000);
});
