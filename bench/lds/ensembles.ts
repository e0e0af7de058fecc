/** @file Ensembles of a study, made, cached and served by the product's own parts, with what each part took. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Preconditioner } from '../../src/core/attribution/preconditioner.ts';
import { attributionMethods } from '../../src/core/attribution/registry.ts';
import { scoreQueries, type ScoringMember } from '../../src/core/attribution/score-queries.ts';
import { SubsetSums } from '../../src/core/evaluation/subset-sums.ts';
import type { Matrix } from '../../src/core/linalg/matrix.ts';
import type { MatrixEngine } from '../../src/core/linalg/matrix-engine.ts';
import { AttributionChoices, type AttributionCost } from '../../src/contract/attribution-choices.ts';
import { ModelId, SampleId } from '../../src/contract/vocabulary.ts';
import type { AttributionWork } from '../../src/engine/attributing/attribution-work.ts';
import { fitMember } from '../../src/engine/attributing/fit-member.ts';
import type { LabelledRow, LoadedModel } from '../../src/engine/attributing/loaded-model.ts';
import { makeMembers } from '../../src/engine/attributing/members/make-members.ts';
import { openMembers, trainWeights } from '../../src/engine/attributing/open-members.ts';
import type { Study } from './study.ts';

export interface EnsembleTrial {
  readonly relative: number;
  /** [subsets, queries] */
  readonly predicted: Matrix;
}

export interface EnsembleRun {
  readonly trials: readonly EnsembleTrial[];
  /** Serving: with one damping. */
  readonly cost: AttributionCost;
}

/**
 * TRAK over the ensemble under every damping. What is trained and computed is kept in the folder; what was there before counts what it took
 * when it was made.
 */
export async function runEnsemble(
  study: Study,
  folder: string,
  given: Partial<AttributionChoices>,
  dampings: readonly number[],
  engine: MatrixEngine,
): Promise<EnsembleRun> {
  const choices = AttributionChoices.parse({ ...given, method: 'trak', modelShare: 0.5 });
  const work = workOf(study, folder, choices, engine);
  const members = await openMembers(work, await membersOf(study, work));
  const { labels, queryRows } = study.models.images;
  const queries = Array.from(queryRows, (row) => labelled(row, labels));
  const weights = trainWeights(members);
  const seconds = { fit: 0, serve: 0 };
  for (const { features } of members.scoring) seconds.serve += await features.fill(queries, () => undefined);
  const trials: EnsembleTrial[] = [];
  for (const relative of dampings) {
    const fitted: Preconditioner[] = [];
    const fitting = performance.now();
    for (const member of members.scoring) fitted.push(await fitMember(work, member, relative));
    const serving = performance.now();
    async function* prepared(): AsyncGenerator<ScoringMember> {
      for (const [index, { features }] of members.scoring.entries())
        yield { queries: await fitted[index]!.prepare(await features.at(queries)), train: features.train() };
    }
    const sums = new SubsetSums(study.truth.masks, queries.length, engine);
    for await (const { scores, firstRow } of scoreQueries(prepared(), weights))
      await sums.add(scores, { query: 0, image: firstRow });
    trials.push({ relative, predicted: sums.sums });
    seconds.fit += (serving - fitting) / 1000 / dampings.length;
    seconds.serve += (performance.now() - serving) / 1000 / dampings.length;
  }
  const all = [...new Set([...members.scoring, ...members.weighing])];
  const total = (of: (member: (typeof all)[number]) => number): number =>
    all.reduce((sum, member) => sum + of(member), 0);
  return {
    trials,
    cost: {
      trainSeconds: total(({ model }) => model.cost.trainSeconds),
      cacheSeconds: total(({ features }) => features.seconds) + seconds.fit,
      serveSeconds: seconds.serve,
      modelBytes: total(({ model }) => model.cost.modelBytes),
      featureBytes: total(({ features }) => features.byteCount),
    },
  };
}

function membersOf({ models }: Study, { folder, model, choices, tools, context }: AttributionWork) {
  const { classifier, settings } = models.recipe;
  const recipe = {
    ...{ network: classifier, origin: classifier.config, epochs: settings.epochs },
    settings: { ...settings, seed: choices.seed },
  };
  const work = {
    ...{ model, modelId: model.id, executor: tools.executor, recipe: () => recipe },
    checkpointsPath: path.join(folder.cachePath, 'checkpoints'),
    path: path.join(folder.cachePath, 'members'),
    ...context,
  };
  return makeMembers(work, choices);
}

/** The study's images as if a project had them. The model itself is none of the members, each of which learns a half. */
function workOf(
  { models, members }: Study,
  folder: string,
  choices: AttributionChoices,
  engine: MatrixEngine,
): AttributionWork {
  const { images, recipe, executor } = models;
  const { parameters } = members[0]!;
  const model: LoadedModel = {
    id: ModelId.parse(1),
    classifier: recipe.classifier,
    parameters,
    parametersSha256: createHash('sha256').update(parameters).digest('hex'),
    normalization: images.normalization,
    classIds: [],
    samples: Array.from(images.labels, (_, row) => ({
      ...{
        id: idOf(row),
        sha256: `${images.set} ${row} of ${images.labels.length}`,
        split: 'train' as const,
      },
      ...{
        label: null,
        width: images.pixels.size,
        height: images.pixels.size,
        channels: 1,
        excluded: 0 as const,
      },
    })),
    pixels: images.pixels,
    learned: Array.from(images.trainRows, (row) => labelled(row, images.labels)),
  };
  const featuresPath = path.join(folder, 'features');
  mkdirSync(featuresPath, { recursive: true });
  return {
    folder: { featuresPath, cachePath: folder },
    ...{ model, choices, method: attributionMethods[choices.method], weightDecay: 0 },
    context: { signal: new AbortController().signal, progress: () => undefined },
    tools: { executor, matrixEngine: engine, readPixels: neverRead },
  };
}

/** The images are in memory. */
export const neverRead = (): Promise<never> =>
  Promise.reject(new Error('images are not read from files here'));

function idOf(row: number): SampleId {
  return SampleId.parse(row + 1);
}

function labelled(row: number, labels: Int32Array): LabelledRow {
  return { sampleId: idOf(row), row, classIndex: labels[row]! };
}
