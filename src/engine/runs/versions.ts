/** @file The versions that a result depends on, kept with every run. */
import { createRequire } from 'node:module';
import { whenceVersion } from '../version.ts';

const loadHere = createRequire(import.meta.url);

/** Of Whence, of Node and of ONNX Runtime. */
export function softwareVersions(): Readonly<Record<string, string>> {
  const runtime = loadHere('onnxruntime-node/package.json') as { version: string };
  return { whence: whenceVersion, node: process.version, onnxRuntime: runtime.version };
}
