/** @file What a run of a check did, for a person. */
import type { CaseFile } from '../../../contract/cases-service.ts';
import { diffusionTitle } from '../../../contract/diffusion-title.ts';
import { AttributeGroupsConfig, AttributeQueriesConfig } from '../../../contract/generation-configs.ts';
import type { RunId } from '../../../contract/vocabulary.ts';
import type { App } from '../../state/app.svelte.ts';
import { attributionTitle } from '../groups/group-words.ts';
import { runTitle } from '../shell/run-words.ts';

/** By its settings, also while it runs. */
export function titleOfRun(app: App, runId: RunId): string {
  const run = app.runs.byId(runId);
  if (run === null) return 'A run that is no longer in the project';
  if (run.kind === 'attribute-queries') {
    const choices = AttributeQueriesConfig.safeParse(run.config);
    return choices.success ? diffusionTitle(choices.data) : runTitle(run);
  }
  if (run.kind === 'attribute-groups') {
    const choices = AttributeGroupsConfig.safeParse(run.config);
    return choices.success ? attributionTitle({ choices: choices.data }) : runTitle(run);
  }
  return runTitle(run);
}

/** Group scores of one query: what one unit of them is, where the run tells. */
export function groupMethodOf(
  app: App,
  { runId }: CaseFile['shares'][number],
): AttributeGroupsConfig['method'] | null {
  const choices = AttributeGroupsConfig.safeParse(app.runs.byId(runId)?.config);
  return choices.success ? choices.data.method : null;
}
