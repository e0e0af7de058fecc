/** @file Every service the engine offers, by name. */
import { cases } from './cases-service.ts';
import { datamodels } from './datamodels-service.ts';
import { engine } from './engine-service.ts';
import { evaluations } from './evaluations-service.ts';
import { exports, influence, issues } from './findings-service.ts';
import { groups } from './groups-service.ts';
import { history } from './history-service.ts';
import { imageIssues } from './image-issues-service.ts';
import { imports } from './imports-service.ts';
import { labels } from './labels-service.ts';
import { maps } from './maps-service.ts';
import { projects } from './projects-service.ts';
import { models } from './models-service.ts';
import { queries } from './queries-service.ts';
import { reports } from './reports-service.ts';
import { runs } from './runs-service.ts';
import { samples } from './samples-service.ts';
import { settings } from './settings-service.ts';
import { subsets } from './subsets-service.ts';
import { tags } from './tags-service.ts';
import { views } from './views-service.ts';

export const engineServices = {
  engine,
  settings,
  projects,
  imports,
  samples,
  labels,
  history,
  tags,
  views,
  runs,
  models,
  issues,
  imageIssues,
  influence,
  evaluations,
  subsets,
  queries,
  groups,
  maps,
  datamodels,
  cases,
  reports,
  exports,
} as const;
export type EngineServices = typeof engineServices;
