import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../core/base/app-error.ts';
import { compile } from '../../core/compiler/compile.ts';
import { Graph } from '../../core/graph/graph.ts';
import { add, cast, expand, mul, sum } from '../../core/ops/build.ts';
import { tensorOf, type DType } from '../../core/tensor/tensor.ts';
import { createOrtExecutor, type RuntimeSession } from './ort-executor.ts';

function identityPlusOne(dtype: DType) {
  const graph = new Graph();
  const x = graph.input('x', { dtype, shape: [3] });
  return compile(graph, { same: x, sum: add(graph, cast(graph, x, 'float32'), 1) }, { profile: 'cpu' });
}

describe('ONNX Runtime sessions', () => {
  it.each(['float32', 'float64', 'float16', 'int64', 'int32', 'uint8', 'int8', 'bool'] as const)(
    'take and give %s',
    async (dtype) => {
      const session = await createOrtExecutor().open(identityPlusOne(dtype));
      const x = tensorOf(dtype, [3], [0, 1, 1]);
      const found = await session.run({ x });
      expect(found['same']).toEqual(x);
      expect([...found['sum']!.data]).toEqual([1, 2, 2]);
      await session.dispose();
    },
  );

  it('fetch only what is asked for and ignore feeds that the program does not read', async () => {
    const session = await createOrtExecutor().open(identityPlusOne('float32'));
    const x = tensorOf('float32', [3], [1, 2, 3]);
    const found = await session.run({ x, other: x }, ['sum']);
    expect(Object.keys(found)).toEqual(['sum']);
    await session.dispose();
  });

  it('name the feed that is missing or of another type', async () => {
    const session = await createOrtExecutor().open(identityPlusOne('float32'));
    await expect(session.run({})).rejects.toThrow('feed x is missing');
    await expect(session.run({ x: tensorOf('float32', [2], [1, 2]) })).rejects.toThrow(
      'feed x is float32 [2], expected float32 [3]',
    );
    await session.dispose();
  });

  it('say memory-exhausted where an allocation fails, so that a caller can halve its batch', async () => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: [1] });
    // 256 TiB: more than any machine grants.
    const huge = expand(graph, x, [1 << 16, 1 << 15, 1 << 15]);
    const y = sum(graph, mul(graph, huge, huge), { axes: [2] });
    const executor = createOrtExecutor({ memoryBytes: Infinity });
    const session = await executor.open(compile(graph, { y }, { profile: 'cpu' }));
    const failure = await session.run({ x: tensorOf('float32', [1], [1]) }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AppError);
    expect((failure as AppError).code).toBe('memory-exhausted');
    await session.dispose();
  });

  it('of a provider that cannot start fall back to the CPU and say why', async () => {
    const { reasons, asked, executor } = fakeGpu({ failsToOpen: true });
    const session = await executor.open(identityPlusOne('float32'));
    const found = await session.run({ x: tensorOf('float32', [3], [1, 2, 3]) });
    expect([...found['sum']!.data]).toEqual([2, 3, 4]);
    expect(asked).toEqual(['dml', 'cpu']);
    expect(reasons.map((reason) => reason.code)).toEqual(['provider-failed']);
    expect(reasons[0]!.message).toContain('no adapter');
    expect(executor.profile).toBe('cpu');
  });

  it('of a provider that fails at work do the same work on the CPU, all of them, and say so once', async () => {
    const { reasons, asked, executor } = fakeGpu({ failsToOpen: false });
    expect(executor.profile).toBe('portable');
    const sessions = [
      await executor.open(identityPlusOne('float32')),
      await executor.open(identityPlusOne('float32')),
    ];
    for (const session of sessions) {
      const found = await session.run({ x: tensorOf('float32', [3], [1, 2, 3]) });
      expect([...found['sum']!.data]).toEqual([2, 3, 4]);
    }
    expect(asked).toEqual(['dml', 'dml', 'cpu', 'cpu']);
    expect(reasons).toHaveLength(1);
  });

  it('leave a provider that is out of memory to the caller, who can halve the batch', async () => {
    const { reasons, executor } = fakeGpu({ failsToOpen: false, text: 'CUDA failure 2: out of memory' });
    const session = await executor.open(identityPlusOne('float32'));
    const failure = await session.run({ x: tensorOf('float32', [3], [1, 2, 3]) }).catch((e: unknown) => e);
    expect((failure as AppError).code).toBe('memory-exhausted');
    expect(reasons).toHaveLength(0);
  });
});

/** ONNX Runtime with a DirectML that fails; its CPU is the real one. */
function fakeGpu({ failsToOpen, text = 'no adapter' }: { failsToOpen: boolean; text?: string }) {
  const reasons: AppError[] = [];
  const asked: string[] = [];
  const failing: RuntimeSession = {
    run: () => Promise.reject(new Error(text)),
    release: () => Promise.resolve(),
  };
  const executor = createOrtExecutor({
    provider: 'dml',
    onFallback: (reason) => reasons.push(reason),
    openSession: async (onnx, options) => {
      const [first] = options.executionProviders as { name: string }[];
      asked.push(first!.name);
      if (first!.name === 'cpu') return InferenceSession.create(onnx, options);
      if (failsToOpen) throw new Error(text);
      return failing;
    },
  });
  return { reasons, asked, executor };
}
