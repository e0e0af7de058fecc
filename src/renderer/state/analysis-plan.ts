/** @file Which of the three steps towards label issues has to be done next. */
import type { Run } from '../../contract/runs-service.ts';

export const analysisSteps = ['train', 'attribute', 'issues'] as const;
export type AnalysisStep = (typeof analysisSteps)[number];

export function isStep(kind: Run['kind']): kind is AnalysisStep {
  return (analysisSteps as readonly Run['kind'][]).includes(kind);
}

export function nextStep(step: AnalysisStep): AnalysisStep | null {
  return analysisSteps[analysisSteps.indexOf(step) + 1] ?? null;
}

/**
 * The first step without a finished run that is newer than the step before it (and than the last import).
 * Where all three are there, everything is done again.
 */
export function startingStep(runs: readonly Pick<Run, 'id' | 'kind' | 'status' | 'config'>[]): AnalysisStep {
  let after = newestFinished(runs, 'import', 0) ?? 0;
  for (const step of analysisSteps) {
    const found = newestFinished(runs, step, after);
    if (found === null) return step;
    after = found;
  }
  return 'train';
}

function newestFinished(
  runs: readonly Pick<Run, 'id' | 'kind' | 'status' | 'config'>[],
  kind: Run['kind'],
  after: number,
): number | null {
  const ids = runs
    .filter((run) => run.status === 'finished' && run.id > after)
    .filter((run) => (kind === 'train' ? leavesUsableModel(run) : run.kind === kind))
    .map((run) => run.id);
  return ids.length === 0 ? null : Math.max(...ids);
}

/** Ranking needs a model that has learned images here, and out-of-sample predictions: folds, or what a brought model's embedding gives. */
function leavesUsableModel({ kind, config }: Pick<Run, 'kind' | 'config'>): boolean {
  if (kind === 'train') return config['folds'] !== 0;
  if (kind !== 'evaluate') return false;
  const { learned, newHead } = config['choices'] as { learned: string; newHead: boolean };
  return learned === 'train' && !newHead;
}
