/** @file Every service the engine offers, by name. */
import { engine } from './engine-service.ts';
import { exports, influence, issues } from './findings-service.ts';
import { imports } from './imports-service.ts';
import { labels } from './labels-service.ts';
import { projects } from './projects-service.ts';
import { models } from './models-service.ts';
import { runs } from './runs-service.ts';
import { samples } from './samples-service.ts';

export const engineServices = {
  engine,
  projects,
  imports,
  samples,
  labels,
  runs,
  models,
  issues,
  influence,
  exports,
} as const;
export type EngineServices = typeof engineServices;
