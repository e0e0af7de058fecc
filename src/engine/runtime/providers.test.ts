import { describe, expect, it } from 'vitest';
import { executionProviders, listProviders, profileOf, type MachineFacts } from './providers.ts';

const linux: MachineFacts = {
  platform: 'linux',
  arch: 'x64',
  processor: 'Some CPU, 4 cores',
  packaged: new Map([
    ['cpu', true],
    ['webgpu', true],
    ['cuda', false],
    ['tensorrt', false],
  ]),
  added: new Set(),
  hasGraphics: true,
};

function availableOn(facts: MachineFacts): string[] {
  return listProviders(facts)
    .filter(({ available }) => available)
    .map(({ name }) => name);
}

describe('execution providers', () => {
  it('start with the CPU, which is always available, and give each a note', () => {
    const providers = listProviders();
    expect(providers[0]).toMatchObject({ name: 'cpu', available: true });
    for (const { note } of providers) expect(note.length).toBeGreaterThan(10);
  });

  it('are available where they are packaged and the system has graphics', () => {
    expect(availableOn(linux)).toEqual(['cpu', 'webgpu']);
    expect(availableOn({ ...linux, hasGraphics: false })).toEqual(['cpu']);
    const windows = { ...linux, platform: 'win32', packaged: new Map([...linux.packaged, ['dml', true]]) };
    expect(availableOn(windows)).toEqual(['cpu', 'webgpu', 'dml']);
    const mac = {
      ...linux,
      platform: 'darwin',
      packaged: new Map(['webgpu', 'coreml'].map((name) => [name, true])),
    };
    expect(availableOn(mac)).toEqual(['cpu', 'webgpu', 'coreml']);
  });

  it('from NVIDIA are available once their binaries lie beside those of ONNX Runtime', () => {
    expect(availableOn({ ...linux, added: new Set(['cuda']) })).toEqual(['cpu', 'webgpu', 'cuda']);
    const cuda = listProviders(linux).find(({ name }) => name === 'cuda');
    expect(cuda?.note).toContain('not packaged');
  });

  it('are asked for by name, TensorRT with CUDA behind it, and get programs in their own formulation', () => {
    expect(executionProviders('tensorrt', 1)).toEqual([
      { name: 'tensorrt', deviceId: 1 },
      { name: 'cuda', deviceId: 1 },
    ]);
    expect(executionProviders('dml', 0)).toEqual([{ name: 'dml', deviceId: 0 }]);
    expect((['cpu', 'webgpu', 'cuda', 'coreml'] as const).map(profileOf)).toEqual([
      'cpu',
      'webgpu',
      'portable',
      'portable',
    ]);
  });
});
