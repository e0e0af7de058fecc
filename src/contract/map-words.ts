/** @file Words for maps, the same in the window and on the command line. */
import type { MapMethod } from './maps-service.ts';

export const mapMethodNames: Readonly<Record<MapMethod, string>> = {
  umap: 'UMAP',
  pca: 'Principal components',
};
