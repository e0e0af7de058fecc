/** @file How much memory the processes that a bench started hold, by what they are. */
import { readdir, readFile } from 'node:fs/promises';

/** By what a process was started with. */
const kinds = [
  ['serverMiB', /whence\.ts serve/],
  ['rendererMiB', /--type=renderer/],
  ['browserMiB', /chrom/],
] as const;

/** Resident MiB of this process's descendants; a figure for each kind. Nothing where /proc is not there. */
export async function memoryOfProcesses(): Promise<Record<string, number>> {
  const processes = await listProcesses().catch(() => []);
  const descendants = new Set([process.pid]);
  // A parent has a smaller number than its children nearly always; twice over the list finds the rest.
  for (let pass = 0; pass < 2; pass++)
    for (const { id, parent } of processes) if (descendants.has(parent)) descendants.add(id);
  const sums: Record<string, number> = {};
  for (const { id, command, mebibytes } of processes) {
    const kind = kinds.find(([, pattern]) => pattern.test(command))?.[0];
    if (id !== process.pid && descendants.has(id) && kind !== undefined)
      sums[kind] = Math.round((sums[kind] ?? 0) + mebibytes);
  }
  return sums;
}

interface ProcessEntry {
  readonly id: number;
  readonly parent: number;
  readonly command: string;
  readonly mebibytes: number;
}

async function listProcesses(): Promise<ProcessEntry[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const entries = await Promise.all(ids.map((id) => readProcess(id).catch(() => null)));
  return entries.filter((entry) => entry !== null).sort((a, b) => a.id - b.id);
}

async function readProcess(id: number): Promise<ProcessEntry> {
  const status = await readFile(`/proc/${id}/status`, 'utf8');
  const command = (await readFile(`/proc/${id}/cmdline`, 'utf8')).replaceAll('\0', ' ');
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  return { id, parent: field('PPid'), command, mebibytes: field('VmRSS') / 1024 };
}
