/**
 * @file `npm run bench -- NAME [--quick] [--seed N] [--no-record]`: runs one bench, prints its table and, as the last line, one JSON object.
 * A full run is kept in docs/benchmarks/NAME.json with its seed and the machine it ran on.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { formatTable } from '../src/cli/output.ts';
import { whenceVersion } from '../src/engine/version.ts';
import { goalIsMet, type Bench, type BenchResult } from './bench.ts';

const BENCH_PATH = import.meta.dirname;
const RECORD_PATH = path.resolve(BENCH_PATH, '../docs/benchmarks');
const NOT_BENCHES = [
  'bench.ts',
  'contenders.ts',
  'kernel-work.ts',
  'own-entrant.ts',
  'paired.ts',
  'peer.ts',
  'resnet18.ts',
  'run.ts',
  'speed.ts',
  'u-net.ts',
];

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      seed: { type: 'string', default: '0' },
      'no-record': { type: 'boolean', default: false },
    },
  });
  const [name] = positionals;
  const file = path.join(BENCH_PATH, `${name ?? ''}.ts`);
  if (name === undefined || !existsSync(file)) {
    process.stderr.write(`bench: expected the name of a bench: ${(await benchNames()).join(', ')}\n`);
    return 2;
  }
  const { run } = (await import(file)) as { run: Bench };
  const startedAt = Date.now();
  const result = await run({ quick: values.quick, seed: Number(values.seed) });
  const summary = summarise(name, result);
  process.stdout.write(`${formatTable(result.table)}\n`);
  if (!values.quick && !values['no-record'])
    await record(name, Number(values.seed), summary, result, Date.now() - startedAt);
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  return 0;
}

async function benchNames(): Promise<string[]> {
  const files = await readdir(BENCH_PATH);
  return files
    .filter((file) => file.endsWith('.ts') && !NOT_BENCHES.includes(file))
    .map((file) => path.basename(file, '.ts'));
}

function summarise(name: string, { figures, goals }: BenchResult) {
  const met = Object.entries(goals).every(([figure, goal]) => goalIsMet(figures[figure], goal));
  return { bench: name, figures, goals, met };
}

async function record(
  name: string,
  seed: number,
  summary: object,
  result: BenchResult,
  elapsedMs: number,
): Promise<void> {
  await mkdir(RECORD_PATH, { recursive: true });
  const document = {
    ...summary,
    seed,
    date: new Date().toISOString().slice(0, 10),
    elapsedSeconds: Math.round(elapsedMs / 1000),
    machine: {
      cpu: os.cpus()[0]?.model ?? 'unknown',
      cores: os.availableParallelism(),
      memoryGiB: Math.round(os.totalmem() / 2 ** 30),
      platform: `${os.platform()}-${os.arch()}`,
      node: process.version,
      whence: whenceVersion,
    },
    table: result.table,
  };
  await writeFile(path.join(RECORD_PATH, `${name}.json`), `${JSON.stringify(document, null, 2)}\n`);
}

process.exitCode = await main();
