/** @file Where benches keep what is slow to make: projects, models. */
import { tmpdir } from 'node:os';
import path from 'node:path';

export const cachePath = process.env['WHENCE_BENCH_CACHE'] ?? path.join(tmpdir(), 'whence-bench');
