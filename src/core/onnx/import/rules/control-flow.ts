/** @file If with a known condition is the branch it takes; repetition is refused, as its length would depend on the image. */
import type { OnnxGraph } from '../../model.ts';
import { limited, type ImportRules } from '../import-rule.ts';
import type { ImportSite } from '../import-site.ts';

/** The graph that an If runs. */
export function chooseBranch(site: ImportSite): OnnxGraph {
  const condition = site.numbers(0, 'condition') ?? site.refuse('it has no condition');
  const name = condition[0] === 0 ? 'else_branch' : 'then_branch';
  const branch = site.attribute(name);
  return branch?.kind === 'graph' ? branch.value : site.refuse(`its ${name} is missing`);
}

const repetition = limited('refused: export the model with the repetition unrolled', (site) =>
  site.refuse('repetition is not supported; export the model with it unrolled'),
);

export const controlFlowRules: ImportRules = {
  If: limited('conditions that are known when the file is read', (site) =>
    site.refuse('it is imported as the branch it takes'),
  ),
  Loop: repetition,
  Scan: repetition,
};
