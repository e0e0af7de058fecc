/** @file The engine as a utility process of Electron: ports reach it directly. */
import path from 'node:path';
import { utilityProcess } from 'electron';
import type { EngineHost, EngineHostListener, EngineMessage, EngineProgram } from './engine-host.ts';

export function startUtilityHost(program: EngineProgram, listener: EngineHostListener): EngineHost {
  const child = utilityProcess.fork(program.entry, [...program.args], {
    serviceName: 'whence-engine',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (data: Buffer) => listener.onLog(data.toString()));
  child.on('message', (message: EngineMessage) => {
    if (message.t === 'ready') listener.onReady();
    else if (message.t === 'pong') listener.onPong();
    else if (message.t === 'start-self-test') {
      const { id, args, patienceMs } = message;
      void runSelfTest(program, args, patienceMs).then((problem) =>
        child.postMessage({ t: 'self-test-ended', id, problem }),
      );
    }
  });
  child.once('exit', (code) => listener.onExit(`code ${code}`));
  return {
    get pid() {
      return child.pid;
    },
    attach: (port) => child.postMessage({ t: 'open' }, [port]),
    ping: () => child.postMessage({ t: 'ping' }),
    stop: () => child.postMessage({ t: 'stop' }),
    kill: () => void child.kill(),
  };
}

/** In a utility process of its own, beside the engine's entry: it may crash. Answers null, or why it did not end well. */
function runSelfTest(
  { entry }: EngineProgram,
  args: readonly string[],
  patienceMs: number,
): Promise<string | null> {
  const program = path.join(path.dirname(entry), 'self-test-process.js');
  const child = utilityProcess.fork(program, [...args], { serviceName: 'whence-self-test', stdio: 'ignore' });
  return new Promise((settle) => {
    const impatience = setTimeout(() => {
      settle(`The test took longer than ${patienceMs / 1000} seconds and was stopped.`);
      child.kill();
    }, patienceMs);
    child.once('exit', (code) => {
      clearTimeout(impatience);
      settle(code === 0 ? null : `The process that tested it crashed (code ${code}).`);
    });
  });
}
