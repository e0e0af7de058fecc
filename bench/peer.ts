/** @file A long-lived Python process that measures the same work: it answers each line it is given with one line. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Debian's interpreter: the packages that the benches name (python3-numpy, python3-torch) belong to it. */
const PYTHON = process.env['WHENCE_PYTHON'] ?? '/usr/bin/python3';

/** What to say where the packages are missing; null where the import works. */
export function missingPackages(modules: readonly string[]): string | null {
  const tried = spawnSync(PYTHON, ['-c', `import ${modules.join(', ')}`], { encoding: 'utf8' });
  if (tried.status === 0) return null;
  const packages = modules.map((name) => `python3-${name}`).join(' ');
  return `${PYTHON} cannot import ${modules.join(', ')}: apt-get install ${packages}, or set WHENCE_PYTHON.`;
}

export class Peer {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(script: string, args: readonly string[] = []) {
    this.#process = spawn(PYTHON, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  async ask(line: string): Promise<string> {
    this.#process.stdin!.write(`${line}\n`);
    const answer = await this.#lines.next();
    if (answer.done === true) throw new Error(`bench: the Python process ended while it was asked: ${line}`);
    return answer.value;
  }

  /** Seconds, as the peer measured them. */
  async seconds(line: string): Promise<number> {
    return Number((await this.ask(line)).split(' ')[0]);
  }

  close(): void {
    this.#process.stdin!.end();
    this.#process.kill();
  }
}
