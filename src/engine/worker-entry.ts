/** @file Where the entry of a worker thread lies, from source and in a bundle. */
import { existsSync } from 'node:fs';

/** From source the entry is TypeScript beside the file at `from`; in a bundle it lies beside the engine or one folder up. */
export function workerEntry(name: string, from: string): URL {
  if (from.endsWith('.ts')) return new URL(`./${name}.ts`, from);
  const beside = new URL(`./${name}.js`, from);
  return existsSync(beside) ? beside : new URL(`../${name}.js`, from);
}
