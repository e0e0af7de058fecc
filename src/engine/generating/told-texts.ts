/** @file The texts that a denoiser is told, as what its text encoder says of them: computed once, kept on disk, read where they are wanted. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, throwIfCancelled } from '../../core/base/app-error.ts';
import type { Executor, Session } from '../../core/execution/executor.ts';
import { elementCount, makeTensor } from '../../core/tensor/tensor.ts';
import { KeptVectors } from '../artifacts/kept-vectors.ts';
import { ClipTokenizer, TokenizerFile } from '../modelling/clip-tokenizer.ts';
import type { TextCondition } from '../modelling/denoiser-file.ts';
import { textProgram } from '../modelling/describe-text-encoder.ts';
import { readStoredModel } from '../modelling/store-model-file.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';

/** Texts up to this size are held in memory as well. */
const MEMORY_BYTES = 128 * 2 ** 20;
/** What stands for no text. */
const NO_TEXT = '';

type Folder = Pick<ProjectFolder, 'path' | 'cachePath'>;

export class ToldTexts {
  /** The texts that have a number so far, in its order. */
  readonly texts: string[];
  readonly #folder: Folder;
  readonly #condition: TextCondition;
  /** Of what the encoder says of one text: [tokens, width]. */
  readonly shape: readonly number[];
  readonly #executor: Executor;
  readonly #kept: KeptVectors;
  readonly #path: string;
  readonly #memory = new Map<string, Float32Array>();

  private constructor(
    folder: Folder,
    condition: TextCondition,
    shape: readonly number[],
    texts: readonly string[],
    executor: Executor,
  ) {
    this.#folder = folder;
    this.#condition = condition;
    this.shape = shape;
    this.#executor = executor;
    this.texts = [...texts];
    // Files are named by their content.
    const { encoder, tokenizer } = condition;
    const identity = hashOf(JSON.stringify({ encoder, tokenizer }));
    this.#path = join(folder.cachePath, 'texts', identity);
    this.#kept = new KeptVectors(this.#path, elementCount(shape));
  }

  /** Computes what is not kept of `texts`, which get the numbers 0, 1, …. `shape`: of one text. */
  static async open(
    folder: Folder,
    condition: TextCondition,
    shape: readonly number[],
    texts: readonly string[],
    executor: Executor,
    context: Pick<RunContext, 'signal' | 'progress'>,
  ): Promise<ToldTexts> {
    const told = new ToldTexts(folder, condition, shape, texts, executor);
    await told.#compute([NO_TEXT, ...texts], context);
    return told;
  }

  /** The number of a text, which is computed now where it is new. */
  async numberOf(text: string, context: Pick<RunContext, 'signal' | 'progress'>): Promise<number> {
    const known = this.texts.indexOf(text);
    if (known >= 0) return known;
    await this.#compute([text], context);
    return this.texts.push(text) - 1;
  }

  /** What the encoder says of the text of this number; −1: of none. */
  read(number: number, target: Float32Array): void {
    const text = number < 0 ? NO_TEXT : this.texts[number]!;
    const said = this.#memory.get(text) ?? this.#kept.read(hashOf(text));
    if (said === null)
      throw new AppError('artifact-damaged', { path: this.#path, reason: 'what was kept of a text is gone' });
    if (4 * said.length * this.#memory.size < MEMORY_BYTES) this.#memory.set(text, said);
    target.set(said);
  }

  async #compute(
    texts: readonly string[],
    { signal, progress }: Pick<RunContext, 'signal' | 'progress'>,
  ): Promise<void> {
    const missing = [...new Set(texts)].filter((text) => !this.#kept.has(hashOf(text)));
    if (missing.length === 0) return;
    const tokenizer = new ClipTokenizer(readTokenizer(this.#folder, this.#condition.tokenizer));
    const session = await this.#open();
    try {
      for (const [place, text] of missing.entries()) {
        throwIfCancelled(signal);
        const ids = tokenizer.encode(text);
        const { said } = await session.run({ given: makeTensor('int32', [1, ids.length], ids) });
        this.#kept.write(hashOf(text), said!.data as Float32Array);
        progress(`Encoding texts (${place + 1} of ${missing.length})`, null, { texts: place + 1 });
      }
    } finally {
      await session.dispose();
    }
  }

  #open(): Promise<Session> {
    const { encoder } = this.#condition;
    const model = readStoredModel(this.#folder.path, encoder.file);
    return this.#executor.open(textProgram(model, encoder, [1, this.shape[0]!], this.#executor.profile));
  }
}

export function readTokenizer({ path }: Pick<Folder, 'path'>, file: string): TokenizerFile {
  return TokenizerFile.parse(JSON.parse(readFileSync(join(path, file), 'utf8')));
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
