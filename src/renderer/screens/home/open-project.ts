/** @file Opening a project, from wherever one is. */
import type { App } from '../../state/app.svelte.ts';

/** Opens a project and shows its images; who has gone to another screen meanwhile stays there. */
export async function openProject(app: App, path: string): Promise<void> {
  const from = app.route.screen;
  if ((await app.project.open(path)) && app.route.screen === from) app.route.go('browse');
}
