/** @file `whence map …`: maps of the images, each a point, those that look alike near each other. */
import path from 'node:path';
import type { Command } from 'commander';
import { mapMethodNames } from '../contract/map-words.ts';
import { MapConfig, type MapColours } from '../contract/maps-service.ts';
import { MapId } from '../contract/vocabulary.ts';
import { formatFigure, formatTable, type Streams } from './output.ts';
import { parseId } from './parse-id.ts';
import { projectCommand } from './project-command.ts';
import { runCommand, withProject } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';

export function addMapCommands(program: Command, streams: Streams): void {
  const map = program
    .command('map')
    .description('Maps of the images: each a point, those that look alike near each other.');
  projectCommand(
    map,
    'make',
    'Embed every image by a model, a feature extractor or its pixels, and lay the embeddings out on a plane.',
    MapConfig,
  ).action((options: RunOptions & MapConfig) =>
    runCommand(streams, options, {
      kind: 'map',
      config: { ...options, ...(options.file ? { file: path.resolve(options.file) } : {}) },
    }),
  );
  projectCommand(map, 'list', 'List the maps.').action((options: RunOptions) => listMaps(streams, options));
  projectCommand(
    map,
    'show',
    'Write where the points of a map lie, with their labels, as JSON or as a table.',
  )
    .argument('<map>', 'number of the map', parseId)
    .action((number: number, options: RunOptions) => showMap(streams, options, MapId.parse(number)));
  projectCommand(map, 'remove', 'Remove a map; no image is touched.')
    .argument('<map>', 'number of the map', parseId)
    .action((number: number, options: RunOptions) =>
      withProject(streams, options, null, async ({ client }, output) => {
        await client.maps.remove({ id: MapId.parse(number) });
        output.answer({ removed: number }, `Map ${number} removed.`);
      }),
    );
}

function listMaps(streams: Streams, options: RunOptions): Promise<void> {
  return withProject(streams, options, null, async ({ client }, output) => {
    const maps = await client.maps.list();
    const rows = maps.map(({ id, name, method, source, imageCount }) => [
      String(id),
      name,
      mapMethodNames[method],
      source,
      formatFigure(imageCount),
    ]);
    output.answer(
      { maps },
      maps.length === 0
        ? 'There is no map yet.'
        : formatTable([['map', 'name', 'method', 'compared by', 'images'], ...rows]),
    );
  });
}

function showMap(streams: Streams, options: RunOptions, id: MapId): Promise<void> {
  return withProject(streams, options, null, async ({ client }, output) => {
    const { sampleIds, positions } = await client.maps.points({ id });
    const colours = await client.maps.colours({ id, by: { kind: 'label' } });
    const points = Array.from(sampleIds, (sampleId, place) => ({
      sampleId,
      x: positions[2 * place]!,
      y: positions[2 * place + 1]!,
      label: labelAt(colours, place),
    }));
    const rows = points.map(({ sampleId, x, y, label }) => [
      String(sampleId),
      x.toFixed(3),
      y.toFixed(3),
      label ?? '',
    ]);
    output.answer({ points }, formatTable([['image', 'x', 'y', 'label'], ...rows]));
  });
}

function labelAt(colours: MapColours, place: number): string | null {
  if (colours.kind !== 'categories') return null;
  return colours.entries[colours.codes[place]!]?.name ?? null;
}
