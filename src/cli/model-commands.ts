/** @file `whence model …`: commands about a model file alone, which need no project. */
import path from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { printModel } from '../core/onnx/print-model.ts';
import { readModelFile } from '../engine/modelling/read-model-file.ts';
import type { Streams } from './output.ts';

export function addModelCommands(program: Command, streams: Streams): void {
  const model = program.command('model').description('Look into an ONNX model file.');
  model
    .command('print')
    .description('Print a model as text: inputs, outputs, initializers, nodes, functions.')
    .argument('<file>', 'ONNX file; its external data are looked for beside it')
    .option('--nodes <count>', 'how many nodes and initializers to print; all where not given', parseCount)
    .action((file: string, options: { nodes?: number }) => {
      const text = printModel(readModelFile(path.resolve(file)), { limit: options.nodes ?? Infinity });
      streams.out.write(`${text}\n`);
    });
}

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}
