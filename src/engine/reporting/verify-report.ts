/** @file Checks a bundle, and a project against it. */
import { resolve } from 'node:path';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { Verification } from '../../contract/reports-service.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { readBundle } from './read-bundle.ts';
import { passed, summariseParts } from './verification.ts';
import { checkBundle } from './verify-bundle.ts';
import { checkProject } from './verify-project.ts';

/** `project` null: the bundle alone. Throws `bundle-unreadable`. */
export async function verifyReport(
  given: string,
  project: ProjectFolder | null,
  signal?: CancelSignal,
): Promise<Verification> {
  const path = resolve(given);
  const read = await readBundle(path);
  const { parts, config, signedBy } = checkBundle(read);
  const held =
    project === null || config === null ? [] : await checkProject(project, read.files, config, signal);
  const all = [...parts, ...held];
  return {
    ...{ path, caseName: config?.case.name ?? '', writtenAt: config?.writtenAt ?? '', signedBy },
    ...{ passed: passed(all), parts: summariseParts(all) },
  };
}
