import { describe, expect, it } from 'vitest';
import { AppError } from '../../core/base/app-error.ts';
import { compile } from '../../core/compiler/compile.ts';
import { Graph } from '../../core/graph/graph.ts';
import { add, cast, expand, mul, sum } from '../../core/ops/build.ts';
import { tensorOf, type DType } from '../../core/tensor/tensor.ts';
import { createOrtExecutor } from './ort-executor.ts';
import { listProviders } from './providers.ts';

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
    const session = await createOrtExecutor().open(compile(graph, { y }, { profile: 'cpu' }));
    const failure = await session.run({ x: tensorOf('float32', [1], [1]) }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AppError);
    expect((failure as AppError).code).toBe('memory-exhausted');
    await session.dispose();
  });

  it('fall back to the CPU and say why', async () => {
    const reasons: AppError[] = [];
    const executor = createOrtExecutor({
      providers: ['coreml', 'dml'],
      onFallback: (reason) => reasons.push(reason),
    });
    const unavailable = listProviders().filter(
      ({ name, available }) => /coreml|dml/.test(name) && !available,
    );
    const session = await executor.open(identityPlusOne('float32'));
    const found = await session.run({ x: tensorOf('float32', [3], [1, 2, 3]) });
    expect([...found['sum']!.data]).toEqual([2, 3, 4]);
    expect(reasons.length).toBeGreaterThanOrEqual(unavailable.length);
    for (const reason of reasons) expect(reason.code).toBe('provider-unavailable');
    await session.dispose();
  });
});

describe('execution providers', () => {
  it('start with the CPU, which is always available, and give each a note', () => {
    const providers = listProviders();
    expect(providers[0]).toMatchObject({ name: 'cpu', available: true });
    for (const { note } of providers) expect(note.length).toBeGreaterThan(10);
  });
});
