/** @file The run that chooses the images worth training on, and measures what they do where it is asked to. */
import type { SelectConfig } from '../../contract/selection-config.ts';
import { strategyWords } from '../../contract/strategy-words.ts';
import type { Subset } from '../../contract/subsets-service.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { loadModel, type LoadedModel } from '../attributing/loaded-model.ts';
import { partOf } from '../attributing/progress-part.ts';
import { pinModel } from '../runs/pinned-model.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { requireSameData } from '../runs/same-data.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { findSubsetOfRun, listMembers, readSubset, saveMeasurement, saveSubset } from '../storage/subsets.ts';
import { hashSamples } from '../training/training-set.ts';
import { countKept, gatherCandidates } from './candidates.ts';
import { choose, type Chosen } from './choose.ts';
import { withSelectionMeter } from './measure-selection.ts';
import type { SelectionWork } from './selection-work.ts';

/** Choosing has the first part of the progress where a measurement follows: trainings take the longest. */
const CHOOSING_SHARE = 0.2;

export async function selectRun(
  folder: ProjectFolder,
  config: SelectConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const { connection } = folder;
  const given = config.subsetId === null ? null : readSubset(connection, config.subsetId);
  const modelId = given?.modelId ?? pinModel(connection, context.runId, config.modelId);
  const model = await loadModel(folder, modelId, context, tools.readPixels);
  try {
    requireSameData(connection, context.runId, hashSamples(model.samples));
    await tools.settleProvider?.({ network: model.classifier, parameters: model.parameters });
    const candidates = gatherCandidates(connection, model);
    // A subset that is there is compared with random ones of its own budget and balance.
    const choices = given === null ? config : { ...given.choices, repeats: config.repeats };
    const work = { folder, choices, model, candidates, context, tools };
    const id =
      given?.id ?? findSubsetOfRun(connection, context.runId) ?? (await chooseAndSave(work, config, context));
    const subset = readSubset(connection, id);
    const measured = choices.repeats === 0 ? null : await measure(work, subset, choices.repeats);
    return summarize(subset, measured);
  } finally {
    model.pixels.close();
  }
}

async function chooseAndSave(
  work: SelectionWork,
  config: SelectConfig,
  context: RunContext,
): Promise<Subset['id']> {
  const { folder, model, candidates } = work;
  const { strategy, repeats, share } = config;
  const part = repeats === 0 ? context : partOf(context, 0, CHOOSING_SHARE);
  const chosen = await choose(strategy, { ...work, context: part });
  const name =
    config.name === ''
      ? `${Math.round(share * 100)} % by ${strategyWords[strategy].title.toLowerCase()}`
      : config.name;
  const { keep, predicted } = chosen;
  return saveSubset(
    folder.connection,
    {
      ...{ runId: context.runId, modelId: model.id, name, strategy, keep, predicted },
      choices: config,
      candidateCount: candidates.images.length,
      ...countKept(candidates, chosen.places, model.classIds),
    },
    membersOf(chosen, model),
  );
}

function membersOf({ places, scores }: Chosen, { learned }: LoadedModel) {
  return Array.from(places, (place) => {
    const score = scores[place]!;
    return { sampleId: learned[place]!.sampleId, score: Number.isFinite(score) ? score : null };
  });
}

async function measure(
  work: SelectionWork,
  subset: Subset,
  repeats: number,
): Promise<NonNullable<Subset['measured']>> {
  const { connection } = work.folder;
  const context = partOf(work.context, CHOOSING_SHARE, 1);
  const members = new Set(listMembers(connection, subset.id).map(({ sampleId }) => sampleId));
  const places = Uint32Array.from(work.candidates.images.keys()).filter((place) =>
    members.has(work.candidates.images[place]!.sampleId),
  );
  const measured = await withSelectionMeter({ ...work, context }, 2 * repeats, async (meter) => ({
    subset: await meter.accuracy('subset', () => places, repeats),
    random: await meter.controls(repeats),
    everything: await meter.everything(),
    on: meter.yardstick.on,
  }));
  saveMeasurement(connection, subset.id, measured);
  return measured;
}

function summarize(subset: Subset, measured: Subset['measured']): RunSummary {
  return {
    subsetId: subset.id,
    modelId: subset.modelId,
    images: subset.sampleCount,
    candidates: subset.candidateCount,
    ...(measured === null
      ? {}
      : {
          accuracy: measured.subset.mean,
          randomAccuracy: measured.random.mean,
          repeats: measured.subset.repeats,
        }),
  };
}
