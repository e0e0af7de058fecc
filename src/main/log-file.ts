/** @file The engine's log on disk: one file, and the one before it. */
import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';

const sizeLimitBytes = 5_000_000;

export class LogFile {
  readonly path: string;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.path = path.join(folder, 'engine.log');
    if (existsSync(this.path) && statSync(this.path).size > sizeLimitBytes)
      renameSync(this.path, `${this.path}.old`);
  }

  write(text: string): void {
    appendFileSync(this.path, text);
  }
}
