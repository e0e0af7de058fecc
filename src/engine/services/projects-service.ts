/** @file Opening, creating and describing the open project. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { projects } from '../../contract/projects-service.ts';
import type { Handlers } from '../../contract/service.ts';
import { PROJECT_SUFFIX } from '../storage/project-folder.ts';
import { clearParts, measureParts } from '../storage/project-parts.ts';
import type { EngineContext } from './engine-context.ts';

/** The embedded sample that the app and the demo begin with, below resources/sample/. */
const SAMPLE_NAME = 'fashion';

export function makeProjectsHandlers(context: EngineContext): Handlers<typeof projects> {
  const { machine } = context;
  return {
    current: () => context.projectOrNull?.summary() ?? null,
    recent: () => machine.recentProjects(),
    forget: ({ path }) => {
      machine.forget(path);
      return machine.recentProjects();
    },
    open: ({ path }) => context.openProject(path),
    create: ({ path }) => context.createProject(withSuffix(path)),
    // Originals are never modified, so the sample is used where it is installed.
    prepareSample: () => ({
      sourcePath: join(context.resourcesPath, 'sample', SAMPLE_NAME),
      projectPath: freePath(context.projectsPath, 'Fashion sample'),
    }),
    suggestPath: ({ sourcePath }) => ({ path: freePath(context.projectsPath, projectNameFor(sourcePath)) }),
    close: async () => {
      await context.closeProject();
      return null;
    },
    storage: () => measureParts(context.project.folder),
    clearStorage: async ({ parts }) => {
      const { folder } = context.project;
      await clearParts(folder, parts);
      return measureParts(folder);
    },
  };
}

function withSuffix(path: string): string {
  const target = resolve(path);
  return target.endsWith(PROJECT_SUFFIX) ? target : target + PROJECT_SUFFIX;
}

/** The source's own name; of a file, without its extensions: 'train-images-idx3-ubyte.gz' → 'train-images-idx3-ubyte'. */
function projectNameFor(sourcePath: string): string {
  const name = basename(resolve(sourcePath));
  return name.replace(/(\.[a-z0-9]{1,5})+$/i, '') || 'Images';
}

/** The first path of this name, counting up, where nothing is yet. */
function freePath(parent: string, name: string): string {
  for (let number = 1; ; number++) {
    const path = join(parent, `${name}${number === 1 ? '' : ` ${number}`}${PROJECT_SUFFIX}`);
    if (!existsSync(path)) return path;
  }
}
