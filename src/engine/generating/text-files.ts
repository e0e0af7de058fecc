/** @file The texts of a text-conditional model in the project: its tokenizer, and which image goes with which text. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../core/base/app-error.ts';
import { SampleId, type ClassId } from '../../contract/vocabulary.ts';
import { readCaptions } from '../importing/caption-table.ts';
import { TokenizerFile } from '../modelling/clip-tokenizer.ts';
import { storeFile } from '../modelling/store-model-file.ts';
import { listClassNames } from '../storage/labelled-samples.ts';
import { listPaths } from '../storage/sample-paths.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';

export const TextsFile = z.object({
  /** What the model can be told, each once. */
  texts: z.array(z.string()),
  /** Place in `texts` of every image that has one; null: the texts are those of the classes, in the order of their numbers. */
  ofSamples: z.array(z.tuple([SampleId, z.number().int()])).nullable(),
});
export type TextsFile = z.infer<typeof TextsFile>;

export function readTexts(projectPath: string, file: string): TextsFile {
  return TextsFile.parse(JSON.parse(readFileSync(join(projectPath, file), 'utf8')));
}

/** Of the images that the table of captions names; without a table, what the template makes of each class. Answers where the file lies in the project. */
export function storeTexts(folder: ProjectFolder, captionsPath: string | null, template: string): string {
  const texts =
    captionsPath === null
      ? textsOfClasses(listClassNames(folder.connection), template)
      : textsOfSamples(readCaptions(captionsPath), listPaths(folder.connection), captionsPath);
  return storeFile(folder.path, Buffer.from(JSON.stringify(texts)), 'json');
}

function textsOfClasses(classes: ReadonlyMap<ClassId, string>, template: string): TextsFile {
  if (!template.includes('{class}'))
    throw new AppError('model-choice-invalid', {
      reason: `The template “${template}” does not say where the name of the class stands: write {class} there, or give the text of each image (--captions)`,
    });
  return {
    texts: [...classes.values()].map((name) => template.replaceAll('{class}', name)),
    ofSamples: null,
  };
}

function textsOfSamples(
  captions: ReadonlyMap<string, string>,
  samples: ReturnType<typeof listPaths>,
  path: string,
): TextsFile {
  const numbers = new Map<string, number>();
  const ofSamples: [SampleId, number][] = [];
  const byEnd = (file: string): string | undefined =>
    captions.get(file) ?? (file.includes('/') ? byEnd(file.slice(file.indexOf('/') + 1)) : undefined);
  for (const { id, path: file } of samples) {
    const text = byEnd(file);
    if (text === undefined) continue;
    if (!numbers.has(text)) numbers.set(text, numbers.size);
    ofSamples.push([id, numbers.get(text)!]);
  }
  if (ofSamples.length > 0) return { texts: [...numbers.keys()], ofSamples };
  const [first] = captions.keys();
  throw new AppError('captions-invalid', {
    path,
    reason: `none of its ${captions.size} paths (${first ?? 'it has none'}, …) is that of an image of the project (${samples[0]?.path ?? 'it has none'}, …)`,
  });
}

const Token = z.union([z.string(), z.object({ content: z.string() })]);
const Special = z.object({
  bos_token: Token.default('<|startoftext|>'),
  eos_token: Token.default('<|endoftext|>'),
  pad_token: Token.optional(),
});
/** Other tokenizers state a number too large to be meant where they have no limit. */
const Config = z.object({ model_max_length: z.number().int().min(2).max(4096).default(77) });

/** Of the folder of a CLIP tokenizer, as transformers saves it. Answers where the copy lies in the project. Throws `tokenizer-invalid`. */
export function storeTokenizer(projectPath: string, path: string): string {
  const refuse = (reason: string): AppError => new AppError('tokenizer-invalid', { path, reason });
  const read = (name: string): string => {
    if (!existsSync(join(path, name))) throw refuse(`it holds no ${name}`);
    return readFileSync(join(path, name), 'utf8');
  };
  const json = <Schema extends z.ZodType>(
    name: string,
    schema: Schema,
    text = read(name),
  ): z.infer<Schema> => {
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw refuse(`its ${name} is not what was expected (${(cause as Error).message.slice(0, 100)})`);
    }
  };
  const optional = <Schema extends z.ZodType>(name: string, schema: Schema): z.infer<Schema> =>
    json(name, schema, existsSync(join(path, name)) ? read(name) : '{}');
  const { bos_token, eos_token, pad_token } = optional('special_tokens_map.json', Special);
  const contentOf = (token: z.infer<typeof Token>): string =>
    typeof token === 'string' ? token : token.content;
  const file: TokenizerFile = {
    vocabulary: json('vocab.json', TokenizerFile.shape.vocabulary),
    merges: read('merges.txt')
      .split(/\r?\n/)
      .filter((line) => line !== '' && !line.startsWith('#version')),
    start: contentOf(bos_token),
    end: contentOf(eos_token),
    padding: contentOf(pad_token ?? eos_token),
    length: optional('tokenizer_config.json', Config).model_max_length,
  };
  const unknown = [file.start, file.end, file.padding].find((token) => file.vocabulary[token] === undefined);
  if (unknown !== undefined) throw refuse(`its vocab.json does not know the token ${unknown}`);
  return storeFile(projectPath, Buffer.from(JSON.stringify(file)), 'json');
}
