/** @file How much of its class each candidate stands for that no earlier pick stands for, in the model's embedding. */
import { Random } from '../../core/base/random.ts';
import { rowsOf } from '../../core/linalg/matrix.ts';
import { pickFacilities } from '../../core/selection/facility-location.ts';
import { shareBudget } from '../../core/selection/share-budget.ts';
import { predictRows } from '../training/predict.ts';
import type { SelectionWork } from './selection-work.ts';

/** Picked of a class at most, as a multiple of what its share of the budget would be: a free budget may favour some classes. */
const MOST_PICKED = 2;

/** The gain of each pick; zero for what is left, which is taken in random order where picks do not fill the budget. */
export async function diversityScores(work: SelectionWork): Promise<Float64Array> {
  const { model, candidates, choices, context, tools } = work;
  const { embedding } = await predictRows(tools.executor, {
    ...model,
    rows: Int32Array.from(candidates.images, ({ row }) => row),
    withEmbedding: true,
    signal: context.signal,
    onBatch: (count) =>
      context.progress('Embedding images', (0.3 * count) / candidates.images.length, { images: count }),
  });
  const scores = new Float64Array(candidates.images.length);
  let done = 0;
  for (const { members, count, classIndex } of planPicks(work)) {
    const picks = await pickFacilities(rowsOf(embedding, members), {
      count,
      random: new Random(choices.seed, `selection/diversity/${classIndex}`),
      engine: tools.matrixEngine,
      signal: context.signal,
      onProgress: (picked) => {
        const share = (done + (members.length * picked) / count) / scores.length;
        context.progress('Picking images that stand for the others', 0.3 + 0.7 * share, { images: picked });
      },
    });
    for (const { row, gain } of picks) scores[members[row]!] = gain;
    done += members.length;
  }
  return scores;
}

/** The candidates of each class, and how many of them are picked. */
function planPicks({ candidates, choices, model }: SelectionWork) {
  const all = Int32Array.from(candidates.images.keys());
  const classes = model.classIds
    .map((_, classIndex) => ({
      classIndex,
      members: all.filter((candidate) => candidates.classes[candidate] === classIndex),
    }))
    .filter(({ members }) => members.length > 0);
  const equal = shareBudget(
    classes.map(({ members }) => members.length),
    Math.round(choices.share * all.length),
  );
  return classes.map(({ classIndex, members }, place) => ({
    classIndex,
    members,
    count: Math.min(
      members.length,
      Math.max(1, equal[place]!, Math.ceil(MOST_PICKED * choices.share * members.length)),
    ),
  }));
}
