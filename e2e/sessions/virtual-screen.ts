/** @file A screen of its own for each worker: windows that share one take the focus from each other. */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

export interface VirtualScreen {
  /** Name of the display, ':3'. */
  readonly display: string;
  stop(): void;
}

/** Starts Xvfb, which chooses a free number itself. */
export async function startVirtualScreen(): Promise<VirtualScreen> {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1440x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const number = await firstLine(server.stdio[3] as Readable);
  return { display: `:${number}`, stop: () => server.kill() };
}

async function firstLine(stream: Readable): Promise<string> {
  let text = '';
  for await (const part of stream) {
    text += String(part);
    const end = text.indexOf('\n');
    if (end >= 0) return text.slice(0, end).trim();
  }
  throw new Error('Xvfb ended before it had a display: is the package xvfb installed?');
}
