/** @file Runs a provider's self-test in a process of its own, and makes a verdict of whatever becomes of it. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { ProviderVerdict } from '../../contract/engine-service.ts';
import { failed, type SelfTest } from './provider-self-test.ts';

/** A first run compiles shaders or kernels; no device that is worth using takes longer. */
const PATIENCE_MS = 90_000;

/** Starts the test's program (`self-test-process.ts`) in a new process; answers how it ended: null for well, else why not. */
export type StartSelfTest = (args: readonly string[], patienceMs: number) => Promise<string | null>;

/** As a child of plain Node. */
export const startNodeSelfTest: StartSelfTest = (args, patienceMs) =>
  new Promise((settle) => {
    const child = spawn(process.execPath, [entryPath(), ...args], {
      stdio: 'ignore',
      timeout: patienceMs,
      killSignal: 'SIGKILL',
    });
    child.once('error', (error) => settle(error.message));
    child.once('exit', (code, signal) => settle(code === 0 ? null : describeEnd(code, signal)));
  });

function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL') return `The test took longer than ${PATIENCE_MS / 1000} seconds and was stopped.`;
  return `The process that tested it crashed (${signal ?? `code ${String(code)}`}).`;
}

/** The verdict; `start` is how this program starts another. */
export async function runSelfTest(
  test: SelfTest,
  start: StartSelfTest = startNodeSelfTest,
): Promise<ProviderVerdict> {
  const folder = mkdtempSync(join(tmpdir(), 'whence-self-test-'));
  const files = [join(folder, 'test'), join(folder, 'verdict.json')] as const;
  try {
    writeFileSync(files[0], serialize(test));
    const problem = await start(files, PATIENCE_MS);
    if (problem !== null || !existsSync(files[1])) return failed(problem ?? 'The test gave no verdict.');
    return ProviderVerdict.parse(JSON.parse(readFileSync(files[1], 'utf8')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** From source the entry is TypeScript beside this file; in a bundle it lies beside the engine or one folder up. */
function entryPath(): string {
  if (import.meta.url.endsWith('.ts'))
    return fileURLToPath(new URL('./self-test-process.ts', import.meta.url));
  const beside = fileURLToPath(new URL('./self-test-process.js', import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL('../self-test-process.js', import.meta.url));
}
