/** @file The parts of a project on disk, and which of them are made again when they are needed. */
import { z } from 'zod';

export const projectParts = [
  'decisions',
  'models',
  'queries',
  'maps',
  'features',
  'cache',
  'thumbnails',
] as const;
export const ProjectPart = z.enum(projectParts);
export type ProjectPart = z.infer<typeof ProjectPart>;

/** At the cost of time only. */
export const clearableParts = ['features', 'cache', 'thumbnails'] as const satisfies readonly ProjectPart[];
export const ClearablePart = z.enum(clearableParts);
export type ClearablePart = z.infer<typeof ClearablePart>;

export const StoredPart = z.object({ part: ProjectPart, bytes: z.number() });
export type StoredPart = z.infer<typeof StoredPart>;

export const partWords = {
  decisions: { title: 'Decisions and results', meaning: 'Labels, tags, history, scores, runs: project.db.' },
  models: { title: 'Models', meaning: 'Trained and added models, with their checkpoints.' },
  queries: { title: 'Generated images', meaning: 'Images that are asked about.' },
  maps: { title: 'Maps', meaning: 'Where the points of maps lie.' },
  features: {
    title: 'Features',
    meaning: 'Projected gradients and embeddings. The next run that needs them computes them again.',
  },
  cache: {
    title: 'Cache',
    meaning: 'Pixels as networks read them, latents, models of interrupted runs. Made again when needed.',
  },
  thumbnails: { title: 'Thumbnails', meaning: 'Small pictures of the grid. Made again from the originals.' },
} as const satisfies Record<ProjectPart, { title: string; meaning: string }>;
