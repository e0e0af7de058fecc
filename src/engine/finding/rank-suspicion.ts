/** @file Which signals the suspicion of a wrong label is made of; the bench measures this very combination. */
import {
  normalizedMargin,
  selfConfidence,
  type LabelledProbabilities,
} from '../../core/curation/class-probabilities.ts';
import { rankLabelIssues, type LabelIssueRanking } from '../../core/curation/rank-label-issues.ts';

/** Two views of the out-of-sample probabilities, what similar images say, and how much the model had to learn the image by itself. */
export function rankSuspicion(
  labelled: LabelledProbabilities,
  selfInfluence: Float64Array,
  neighbours: Float64Array,
): LabelIssueRanking {
  return rankLabelIssues({
    'self-confidence': selfConfidence(labelled),
    'normalized-margin': normalizedMargin(labelled),
    'self-influence': selfInfluence,
    'neighbour-disagreement': neighbours,
  });
}
