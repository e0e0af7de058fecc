import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { zeros64 } from '../../linalg/matrix.ts';
import { plainMatrixEngine } from '../../linalg/matrix-engine.ts';
import { leaveOneOut, leaveOut, randomMasks, withoutMembers } from './masks.ts';
import { effectsOfLeavingOut, regressOutputs } from './regress-outputs.ts';
import { shareAmongMembers } from './share-among-members.ts';

const CLUSTERS = 7;
const QUERIES = 3;
const random = new Random(3, 'additive effects');
const effects = Float64Array.from({ length: QUERIES * CLUSTERS }, () => random.normal());

/** Of outputs to which every cluster adds its effect, whatever the others do: [masks, queries]. */
function additiveChanges(masks: ReturnType<typeof leaveOneOut>) {
  const changes = zeros64(masks.rows, QUERIES);
  for (let mask = 0; mask < masks.rows; mask++)
    for (let query = 0; query < QUERIES; query++)
      for (let cluster = 0; cluster < CLUSTERS; cluster++)
        changes.data[mask * QUERIES + query]! +=
          (masks.data[mask * CLUSTERS + cluster]! - 1) * effects[query * CLUSTERS + cluster]!;
  return changes;
}

function worst(found: ArrayLike<number>): number {
  return Math.max(...effects.map((effect, index) => Math.abs(effect - found[index]!)));
}

describe('outputs regressed on masks', () => {
  it('recover additive effects exactly from random masks', async () => {
    const masks = randomMasks(3 * CLUSTERS, CLUSTERS, { dropped: 0.4, seed: 1 });
    const { data } = await regressOutputs(masks, additiveChanges(masks), 0, plainMatrixEngine);
    expect(worst(data)).toBeLessThan(1e-10);
  });

  it('recover them from masks that leave one cluster out, with and without a regression', async () => {
    const masks = leaveOneOut(CLUSTERS);
    const changes = additiveChanges(masks);
    expect(worst((await regressOutputs(masks, changes, 0, plainMatrixEngine)).data)).toBeLessThan(1e-10);
    expect(worst(effectsOfLeavingOut(changes).data)).toBeLessThan(1e-10);
  });

  it('shrink with damping', async () => {
    const masks = leaveOneOut(CLUSTERS);
    const { data } = await regressOutputs(masks, additiveChanges(masks), 1, plainMatrixEngine);
    expect(Math.max(...data.map((found, index) => Math.abs(found / effects[index]! - 0.5)))).toBeLessThan(
      1e-10,
    );
  });
});

describe('masks', () => {
  it('leave out what is named and keep the rest', () => {
    expect([...leaveOut([[0, 2], [1]], 3).data]).toEqual([0, 1, 0, 1, 0, 1]);
  });

  it('leave a part of a cluster where a part of its images goes', () => {
    const assignment = Int32Array.of(0, 0, 0, 0, 1, 1);
    expect([...withoutMembers(assignment, 2, (image) => image === 1 || image > 3).data]).toEqual([0.75, 0]);
  });

  it('are drawn alike from one seed, at the asked rate', () => {
    const draw = (seed: number) => randomMasks(200, 50, { dropped: 0.3, seed }).data;
    expect(draw(4)).toEqual(draw(4));
    expect(draw(4)).not.toEqual(draw(5));
    const rate = draw(4).reduce((sum, part) => sum + 1 - part, 0) / 10_000;
    // Four standard errors of 10,000 draws.
    expect(Math.abs(rate - 0.3)).toBeLessThan(0.019);
  });
});

describe('the score of a cluster', () => {
  it('is shared among its images without a remainder, by likeness', () => {
    const shares = shareAmongMembers(-1.5, [0.2, -0.4, 0.1]);
    expect([...shares].map((share) => Math.round(share * 1e12) / 1e12)).toEqual([-1, -0, -0.5]);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(-1.5, 12);
  });

  it('is shared equally where no image is like it', () => {
    expect([...shareAmongMembers(1, [-1, -2, 0, -3])]).toEqual([0.25, 0.25, 0.25, 0.25]);
  });
});
