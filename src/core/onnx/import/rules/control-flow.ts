/** @file If with a known condition is the branch it takes: the importer walks that branch in place of the node. */
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

export const controlFlowRules: ImportRules = {
  If: limited('known conditions', (site) => site.refuse('it is imported as the branch it takes')),
};
