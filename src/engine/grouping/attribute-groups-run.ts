/** @file The run that finds how much query images depend on groups of training images, always beside random groups of the same size. */
import type { AttributeGroupsConfig } from '../../contract/generation-configs.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { dataHashOf, requireQueries } from '../attributing/queries/attribute-queries-run.ts';
import { noteManifest } from '../cases/manifest.ts';
import { loadDenoiser } from '../generating/loaded-denoiser.ts';
import { pinModel } from '../runs/pinned-model.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { requireSameData } from '../runs/same-data.ts';
import { listOverlaps, saveGroupAttribution } from '../storage/groups.ts';
import { readQueries } from '../storage/queries.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import type { FoundGroups, GroupWork } from './group-work.ts';
import { judgeQueries } from './judged-groups.ts';
import { learnedGroups } from './learned-groups.ts';
import { scoreGroups } from './score-groups.ts';
import { settleTarget } from './unlearning-target.ts';

export async function attributeGroupsRun(
  folder: ProjectFolder,
  config: AttributeGroupsConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const modelId = pinModel(folder.connection, context.runId, config.modelId, 'generate');
  const queries = requireQueries(readQueries(folder.connection, config.queries));
  const model = await loadDenoiser(folder, modelId, context, tools);
  try {
    requireSameData(folder.connection, context.runId, dataHashOf(model, queries));
    noteManifest(folder.connection, context.runId);
    const settled = config.method === 'guda' ? settleTarget(config.target, model.denoiser) : config.target;
    await tools.settleProvider?.({ network: model.denoiser.network, parameters: model.average });
    const groups = learnedGroups(folder, model, config.groups);
    const work: GroupWork = {
      folder,
      config: { ...config, target: settled },
      context,
      tools,
      model,
      queries,
      groups,
    };
    return store(work, context.runId, await scoreGroups(work));
  } finally {
    model.images.close();
  }
}

function store(
  { folder, config, model, queries, groups }: GroupWork,
  runId: RunId,
  { scored, controls, cost }: FoundGroups,
): RunSummary {
  const judged = judgeQueries(
    scored,
    queries.map(({ id }) => id),
  );
  const ids = new Set(groups.map(({ id }) => id));
  const findings = controls(judged);
  saveGroupAttribution(folder.connection, {
    runId,
    modelId: model.id,
    choices: config,
    result: {
      groups: groups.map(({ id, name, places }) => ({ groupId: id, name, size: places.length })),
      queries: judged,
      controls: findings,
      overlaps: listOverlaps(folder.connection).filter(
        ({ first, second }) => ids.has(first) && ids.has(second),
      ),
    },
    cost,
  });
  return {
    modelId: model.id,
    groups: groups.length,
    queries: queries.length,
    attributed: judged.filter(({ verdict }) => verdict === 'attributed').length,
    diffuse: judged.filter(({ verdict }) => verdict === 'diffuse').length,
    controlsMet: `${findings.filter(({ met }) => met === true).length} of ${findings.filter(({ met }) => met !== null).length}`,
    trainSeconds: cost.trainSeconds,
    serveSeconds: cost.serveSeconds,
  };
}
