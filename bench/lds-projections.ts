/**
 * @file What each projection of the gradients costs and what is lost by it: TRAK over the same models under every projection, beside inner
 * products of whole gradients, on the MLP, images and ground truth of bench lds-mlp. Seconds are those of the features of all members and of
 * all images, queries too.
 */
import { createOrtMatrixEngine } from '../src/engine/runtime/ort-matrix-engine.ts';
import type { Bench } from './bench.ts';
import { fashionMissing } from './data/fashion-mnist.ts';
import { studySets } from './data/study-images.ts';
import { mlpRecipe } from './lds/recipes.ts';
import { Report } from './lds/report.ts';
import { openStudy } from './lds/study.ts';
import { bestEnsemble, bestSingle, trakTrials, type TrialProjection } from './lds/trak-trials.ts';

/** Dense projections have a matrix as long as the parameters: one size tells what they are worth. */
const fullProjections: readonly TrialProjection[] = [
  'whole',
  { kind: 'gaussian', size: 1024 },
  { kind: 'rademacher', size: 1024 },
  ...[512, 1024, 2048].flatMap((size) =>
    (['fold', 'factorised', 'factorised-mask-sjlt', 'sjlt', 'mask-sjlt', 'mask'] as const).map((kind) => ({
      kind,
      size,
    })),
  ),
];
const quickProjections: readonly TrialProjection[] = (
  ['fold', 'factorised', 'factorised-mask-sjlt', 'mask'] as const
).map((kind) => ({ kind, size: 512 }));

const DAMPINGS = [0.3, 1, 3, 10];
const fullSizes = { train: 5000, queries: 500, subsets: 100, repeats: 2, members: 5 };
const quickSizes = { train: 1000, queries: 100, subsets: 12, repeats: 2, members: 2 };

export const run: Bench = async ({ quick, seed }) => {
  const missing = fashionMissing();
  if (missing !== null) return { figures: {}, goals: {}, table: [[missing]] };
  const engine = createOrtMatrixEngine();
  const report = new Report();
  try {
    for (const set of studySets) {
      const study = await openStudy(set, mlpRecipe, quick ? quickSizes : fullSizes, seed);
      const members = study.members.length;
      for (const projection of quick ? quickProjections : fullProjections) {
        const found = await trakTrials(study, projection, DAMPINGS, engine);
        const title = projection === 'whole' ? 'whole' : `${projection.kind} ${projection.size}`;
        const [ensemble, single] = [bestEnsemble(study, found.trials), bestSingle(study, found.trials)];
        const line = {
          members,
          relative: ensemble.relative,
          size: ensemble.size,
          seconds: found.featureSeconds,
        };
        report.add(set, { ...line, name: title }, study.judge, ensemble.ensemble);
        const alone = {
          ...line,
          members: 1,
          relative: single.relative,
          seconds: found.featureSeconds / members,
        };
        report.addMean(set, { ...alone, name: `${title}, one model` }, study.judge, single.singles);
      }
      report.note(set, 'noise ceiling', study.ceiling);
    }
  } finally {
    await engine.dispose();
  }
  return report.result({});
};
