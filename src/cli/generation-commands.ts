/** @file `whence sample` and `whence queries …`: make images with a model, and keep the images that are asked about. */
import path from 'node:path';
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { SampleImagesConfig } from '../contract/generation-configs.ts';
import { diffusionMethodWords } from '../contract/generation-words.ts';
import type { InfluenceEntry } from '../contract/runs-service.ts';
import { QueryId, RunId } from '../contract/vocabulary.ts';
import type { z } from 'zod';
import { classesNamed } from './image-choice.ts';
import { formatFigure, formatTable, type Streams } from './output.ts';
import { parseId, parseIds } from './parse-id.ts';
import { projectCommand } from './project-command.ts';
import { runCommand, withProject } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';
import type { Session } from './session.ts';

export function addGenerationCommands(program: Command, streams: Streams): void {
  projectCommand(
    program,
    'sample',
    'Make images with a generative model; they are kept as query images, with their seeds.',
    SampleImagesConfig,
  ).action((options: RunOptions & SampleImagesConfig) =>
    runCommand(streams, options, { kind: 'sample-images', config: options }),
  );
  const queries = program
    .command('queries')
    .description('Query images: made by a model here, or files from elsewhere.');
  projectCommand(queries, 'list', 'List the query images.').action((options: RunOptions) =>
    listQueries(streams, options),
  );
  projectCommand(queries, 'add', 'Copy image files into the project, to ask about them.')
    .argument('<files...>', 'image files')
    .action((files: string[], options: RunOptions) => addFiles(streams, options, files));
  projectCommand(queries, 'remove', 'Remove query images and what was found of them.')
    .argument('<queries...>', 'numbers of the query images', parseIds)
    .action((numbers: number[], options: RunOptions) =>
      withProject(streams, options, null, async ({ client }, output) => {
        await client.queries.remove({ ids: numbers.map((number) => QueryId.parse(number)) });
        output.answer({ removed: numbers }, `${numbers.length} query images removed.`);
      }),
    );
  projectCommand(
    queries,
    'tell',
    'Say under which class or text images from files were made: what a conditional model is told of them. Neither: not known.',
  )
    .argument('<queries...>', 'numbers of the query images', parseIds)
    .option('--class <name>', 'name of the class')
    .option('--prompt <text>', 'the text')
    .action((numbers: number[], options: RunOptions & { class?: string; prompt?: string }) =>
      withProject(streams, options, null, async ({ client }, output) => {
        await client.queries.tell({
          ids: numbers.map((number) => QueryId.parse(number)),
          classId: options.class === undefined ? null : (await classesNamed(client, [options.class]))[0]!,
          prompt: options.prompt ?? null,
        });
        output.answer({ told: numbers }, `${numbers.length} query images told.`);
      }),
    );
  projectCommand(queries, 'show', 'Show the training images behind a query image.')
    .argument('<query>', 'number of the query image', parseId)
    .option('--run <run>', 'number of the attribution; the newest where not given', parseId)
    .option('--out <file.png>', 'also write the query image to this file')
    .action((number: number, options: RunOptions & { run?: number; out?: string }) =>
      showQuery(streams, options, QueryId.parse(number)),
    );
}

function listQueries(streams: Streams, options: RunOptions): Promise<void> {
  return withProject(streams, options, null, async ({ client }, output) => {
    const queries = await client.queries.list();
    const rows = queries.map(({ id, name, origin, width, height, sha256 }) => [
      String(id),
      name,
      origin,
      `${width} × ${height}`,
      sha256.slice(0, 12),
    ]);
    const head = ['query', 'name', 'origin', 'pixels', 'sha256'];
    output.answer(
      { queries },
      queries.length === 0 ? 'There are no query images yet.' : formatTable([head, ...rows]),
    );
  });
}

function addFiles(streams: Streams, options: RunOptions, files: readonly string[]): Promise<void> {
  return withProject(streams, options, null, async ({ client }, output) => {
    const { added, problems } = await client.queries.addFiles({
      paths: files.map((file) => path.resolve(file)),
    });
    const refused = problems.map(({ path: file, reason }) => `${file}: ${reason}`);
    output.answer(
      { added, problems },
      [`${formatFigure(added.length)} query images added: ${added.join(', ')}`, ...refused].join('\n'),
    );
  });
}

function showQuery(
  streams: Streams,
  options: RunOptions & { run?: number; out?: string },
  id: QueryId,
): Promise<void> {
  return withProject(streams, options, null, async (session, output) => {
    const { client } = session;
    const runId = options.run === undefined ? null : RunId.parse(options.run);
    const influence = await client.queries.influence({ id, runId });
    if (options.out !== undefined) {
      const { bytes } = await client.queries.image({ id });
      writeFileSync(path.resolve(options.out), bytes);
    }
    if (influence === null) {
      output.answer({ influence }, 'Nothing is known of this image yet: whence attribute --method d-trak.');
      return;
    }
    const { proponents, opponents, choices, validity } = influence;
    output.answer(
      { influence },
      [
        `${diffusionMethodWords[choices.method].title}, run ${influence.runId}: estimated influence`,
        `${validity.badge}. ${validity.explanation}`,
        formatTable([
          ['sample', 'image', 'score'],
          ...(await rowsOf(session, proponents)),
          ...(await rowsOf(session, opponents)),
        ]),
      ].join('\n'),
    );
  });
}

async function rowsOf(
  { client }: Session,
  entries: readonly z.infer<typeof InfluenceEntry>[],
): Promise<string[][]> {
  const tiles = await client.samples.tiles({ ids: entries.map(({ sampleId }) => sampleId) });
  const pathOf = new Map(tiles.map((tile) => [tile.id, tile.path]));
  return entries.map(({ sampleId, score }) => [
    String(sampleId),
    pathOf.get(sampleId) ?? '',
    score.toPrecision(3),
  ]);
}
