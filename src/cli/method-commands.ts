/** @file The command that says which methods there are, in the words of the window. */
import type { Command } from 'commander';
import {
  ensembleWords,
  methodWords,
  normalisationWords,
  projectionWords,
  type ChoiceWords,
  type MethodWords,
} from '../contract/method-words.ts';
import { diffusionMethodWords, groupMethodWords } from '../contract/generation-words.ts';
import { createOutput, type Streams } from './output.ts';

export function addMethodCommands(program: Command, streams: Streams): void {
  program
    .command('methods')
    .description(
      'List the ways to attribute: what each method assumes and needs, and what ensembles, normalisations and projections do.',
    )
    .option('--json', 'answer with one JSON document on standard output', false)
    .action(({ json }: { json: boolean }) => {
      const document = {
        methods: methodWords,
        generativeMethods: diffusionMethodWords,
        groupMethods: groupMethodWords,
        ensembles: ensembleWords,
        normalisations: normalisationWords,
        projections: projectionWords,
      };
      createOutput(streams, json).answer(document, methodsText());
    });
}

function methodsText(): string {
  return [
    wordsText('Methods for classifiers (attribute --method)', methodWords),
    wordsText('Methods for models that make images (attribute --method)', diffusionMethodWords),
    wordsText('Methods for groups (groups attribute --method)', groupMethodWords),
    choicesText('Ensembles (--ensemble)', ensembleWords),
    choicesText('Normalisations (--normalisation)', normalisationWords),
    choicesText('Projections (--projection)', projectionWords),
  ].join('\n\n');
}

function wordsText(head: string, words: Readonly<Record<string, MethodWords>>): string {
  const methods = Object.entries(words).map(
    ([name, { title, assumption, cost }]) => `  ${name} – ${title}\n    ${assumption}\n    Needs: ${cost}`,
  );
  return [head, ...methods].join('\n');
}

function choicesText(head: string, words: Readonly<Record<string, ChoiceWords>>): string {
  const lines = Object.entries(words).map(
    ([name, { title, meaning }]) => `  ${name} – ${title}\n    ${meaning}`,
  );
  return [head, ...lines].join('\n');
}
