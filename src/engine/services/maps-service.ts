/** @file Maps of the images: listed, shown, coloured, named, taken away. */
import type { Handlers } from '../../contract/service.ts';
import type { maps } from '../../contract/maps-service.ts';
import { colourPoints } from '../mapping/colour-points.ts';
import { readMapFile, removeMapFile } from '../mapping/map-file.ts';
import { listMaps, readMap, removeMap, renameMap } from '../storage/maps.ts';
import type { EngineContext } from './engine-context.ts';

export function makeMapsHandlers(context: EngineContext): Handlers<typeof maps> {
  const tell = (): null => {
    context.emit('maps', 'changed', null);
    return null;
  };
  const pointsOf = (id: Parameters<typeof readMap>[1]) => {
    const { folder, connection } = context.project;
    return readMapFile(folder.path, readMap(connection, id).artifact);
  };
  return {
    list: () => listMaps(context.project.connection).map(({ artifact: _, ...map }) => map),
    points: ({ id }) => pointsOf(id),
    colours: ({ id, by }) => colourPoints(context.project.connection, pointsOf(id).sampleIds, by),
    rename: ({ id, name }) => {
      renameMap(context.project.connection, id, name);
      return tell();
    },
    remove: ({ id }) => {
      const { folder, connection } = context.project;
      const { artifact } = readMap(connection, id);
      removeMap(connection, id);
      removeMapFile(folder.path, artifact);
      return tell();
    },
  };
}
