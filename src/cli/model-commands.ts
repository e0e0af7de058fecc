/** @file `whence model …`: commands about a model file: look into it, take it into a project. */
import path from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { DenoiserChoices } from '../contract/denoiser-choices.ts';
import { ModelChoices } from '../contract/model-choices.ts';
import { ModelCheckRequest } from '../contract/models-service.ts';
import { printModel } from '../core/onnx/print-model.ts';
import { printImported } from '../engine/modelling/print-imported.ts';
import { readModelFile } from '../engine/modelling/read-model-file.ts';
import { optionsOf } from './config-options.ts';
import { addModelFile, checkModelFile, importDenoiserFile } from './model-actions.ts';
import type { Streams } from './output.ts';
import { projectCommand } from './project-command.ts';
import type { RunOptions } from './run-options.ts';

export function addModelCommands(program: Command, streams: Streams): void {
  const model = program.command('model').description('Models that you bring as ONNX files.');
  model
    .command('print')
    .description('Print a model as text: inputs, outputs, initializers, nodes, functions.')
    .argument('<file>', 'ONNX file; its external data are looked for beside it')
    .option('--nodes <count>', 'how many nodes and initializers to print; all where not given', parseCount)
    .option('--imported', 'print the graph that Whence makes of it, with every shape, instead', false)
    .action((file: string, options: { nodes?: number; imported: boolean }) => {
      const model = readModelFile(path.resolve(file));
      const text = options.imported
        ? printImported(model)
        : printModel(model, { limit: options.nodes ?? Infinity });
      streams.out.write(`${text}\n`);
    });
  addCheck(model, streams);
  addAdd(model, streams);
  addImport(model, streams);
}

function addCheck(model: Command, streams: Streams): void {
  const command = model
    .command('check')
    .description(
      'Look into a model file: what it holds, what of it is supported, what can be done with it. Fails where nothing can.',
    )
    .argument('<file>', 'ONNX file')
    .option('--json', 'answer with one JSON document on standard output', false);
  for (const option of optionsOf(ModelCheckRequest, ['path'])) command.addOption(option);
  command.action((file: string, options: Parameters<typeof checkModelFile>[2]) =>
    checkModelFile(streams, file, options),
  );
}

function addAdd(model: Command, streams: Streams): void {
  const description = 'Take a copy of a model file into the project and evaluate it on all images.';
  projectCommand(model, 'add', description, ModelChoices, ['classNames'])
    .argument('<file>', 'ONNX file')
    .option(
      '--classes <file>',
      'names of the classes in the order of the outputs: one a line, or a JSON list; where not given the project’s classes in their order',
    )
    .action((file: string, options: RunOptions & { classes?: string }) =>
      addModelFile(streams, file, options),
    );
}

function addImport(model: Command, streams: Streams): void {
  const description =
    'Take a copy of the file of a denoiser, a network that images are made with, into the project, and measure how well it predicts. Pixels are −1 … 1.';
  projectCommand(model, 'import', description, DenoiserChoices, ['classNames'])
    .argument('<file>', 'ONNX file')
    .requiredOption(
      '--schedule <file.json>',
      'noise schedule that it was trained with: a scheduler_config.json of diffusers, or JSON with kind, steps, firstBeta and lastBeta',
    )
    .option(
      '--classes <file>',
      'names of the classes in the order of their numbers: one a line, or a JSON list; where not given the project’s classes in their order',
    )
    .option(
      '--embeddings <file.npy>',
      'what the model is told of each class instead of its number, [classes, …] in the order of the classes: embeddings of texts, computed once',
    )
    .option(
      '--vae-encoder <file.onnx>',
      'of a latent model, with --vae-decoder: what makes latents of pictures, or the means and variances of such; they are computed once and kept',
    )
    .option('--vae-decoder <file.onnx>', 'of a latent model: what makes pictures of latents')
    .option(
      '--vae-config <config.json>',
      'configuration of the VAE as diffusers has it, with scaling_factor and perhaps shift_factor',
    )
    .option(
      '--text-encoder <file.onnx>',
      'of a model that is told texts: what makes embeddings of their tokens; they are computed once and kept',
    )
    .option('--tokenizer <folder>', 'tokenizer of the text encoder: a folder with vocab.json and merges.txt')
    .option(
      '--captions <file.csv>',
      'text of each image, by its path: columns file_name and text; where not given, --caption-template makes texts of classes',
    )
    .action((file: string, options: Parameters<typeof importDenoiserFile>[2]) =>
      importDenoiserFile(streams, file, options),
    );
}

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}
