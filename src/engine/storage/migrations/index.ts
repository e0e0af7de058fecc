/** @file The history of project.db. */
import { spine } from './0010-spine.ts';
import { queries } from './0020-queries.ts';
import { broughtModels } from './0030-brought-models.ts';
import { evaluations } from './0040-evaluations.ts';
import { subsets } from './0050-subsets.ts';
import { attributionChoices } from './0060-attribution-choices.ts';
import { labelSignals } from './0070-label-signals.ts';
import { generativeModels } from './0080-generative-models.ts';
import { generativeEvaluations } from './0090-generative-evaluations.ts';
import { distilledDatamodels } from './0100-distilled-datamodels.ts';
import { tags } from './0110-tags.ts';
import { sourceRoots } from './0120-source-roots.ts';
import { predictedClasses } from './0130-predicted-classes.ts';
import { tagNames } from './0131-tag-names.ts';
import { savedViews } from './0132-saved-views.ts';
import { columnSummaries } from './0133-column-summaries.ts';
import { maps } from './0140-maps.ts';
import { imageIssues } from './0150-image-issues.ts';
import { snapshots } from './0160-snapshots.ts';
import { largeCounts } from './0180-large-counts.ts';
import { groupChanges } from './0190-group-changes.ts';
import { culprits } from './0191-culprits.ts';
import { sourceChoices } from './0192-source-choices.ts';
import { excludedCounts } from './0193-excluded-counts.ts';
import { likenesses } from './0194-likenesses.ts';
import { cases } from './0200-cases.ts';
import { queryControls } from './0201-query-controls.ts';
import { caseSummaries } from './0202-case-summaries.ts';
import type { Migration } from './migration.ts';

export const migrations: readonly Migration[] = [
  spine,
  queries,
  broughtModels,
  evaluations,
  subsets,
  attributionChoices,
  labelSignals,
  generativeModels,
  generativeEvaluations,
  distilledDatamodels,
  tags,
  sourceRoots,
  predictedClasses,
  tagNames,
  savedViews,
  columnSummaries,
  maps,
  imageIssues,
  snapshots,
  largeCounts,
  groupChanges,
  culprits,
  sourceChoices,
  excludedCounts,
  likenesses,
  cases,
  queryControls,
  caseSummaries,
];
