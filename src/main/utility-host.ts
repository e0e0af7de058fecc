/** @file The engine as a utility process of Electron: ports reach it directly. */
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
