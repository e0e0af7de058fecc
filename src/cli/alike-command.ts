/** @file `whence alike`: the images most like one of them. */
import path from 'node:path';
import type { Command } from 'commander';
import { FindAlikeConfig } from '../contract/alike-config.ts';
import { SampleId } from '../contract/vocabulary.ts';
import { formatTable, type Streams } from './output.ts';
import { parseId } from './parse-id.ts';
import { projectCommand } from './project-command.ts';
import { runCommand, type Addition } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';
import type { Session } from './session.ts';

const SHOWN = 20;

export function addAlikeCommand(program: Command, streams: Streams): void {
  projectCommand(
    program,
    'alike',
    'Order all images by how like one of them they are; queries and the window then know it as likeness.',
    FindAlikeConfig,
    ['sampleId'],
  )
    .argument('<image>', 'number of the image', parseId)
    .action((number: number, options: RunOptions & Omit<FindAlikeConfig, 'sampleId'>) => {
      const file = options.file ? { file: path.resolve(options.file) } : {};
      const config = { ...options, ...file, sampleId: SampleId.parse(number) };
      return runCommand(streams, options, { kind: 'find-alike', config }, { then: mostAlike });
    });
}

async function mostAlike({ client }: Session): Promise<Addition> {
  const order = { by: 'likeness', descending: true };
  const { ids } = await client.samples.query({ filter: {}, order });
  const shown = Array.from(ids.subarray(0, SHOWN)) as SampleId[];
  const likenesses = await client.samples.orderValues({ by: 'likeness', ids: shown });
  const tiles = await client.samples.tiles({ ids: shown });
  const alike = tiles.map(({ id, path: file }, place) => ({
    ...{ sampleId: id, path: file, likeness: likenesses[place] ?? null },
  }));
  const rows = alike.map(({ sampleId, path: file, likeness }) => [
    ...[String(sampleId), typeof likeness === 'number' ? likeness.toFixed(3) : '', file],
  ]);
  return { document: { alike }, text: formatTable([['image', 'likeness', 'path'], ...rows]) };
}
