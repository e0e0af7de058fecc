/** @file What is counted over all images of a project, for the filter panel and the overview. */
import type { ImageIssueSummary } from '../../contract/image-issues-service.ts';
import type { IssueSummary } from '../../contract/findings-service.ts';
import type { ProjectSummary } from '../../contract/projects-service.ts';
import type { SampleFacets, SampleHistogram } from '../../contract/samples-service.ts';
import { summarizeImageIssues } from '../storage/image-issues.ts';
import { summarizeIssues } from '../storage/issues.ts';
import { MatchedImages } from '../storage/matched-images.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { summarizeProject } from '../storage/project.ts';
import { countFacets } from '../storage/sample-facets.ts';
import type { CompleteFilter } from '../storage/sample-filter.ts';
import { countHistogram } from '../storage/sample-histograms.ts';

export interface CountingRequests {
  readonly facets: { readonly filter: CompleteFilter };
  readonly histograms: {
    readonly filter: CompleteFilter;
    readonly fields: readonly string[];
    readonly bins: number;
  };
  readonly summaries: null;
}

export interface CountingResults {
  readonly facets: SampleFacets;
  readonly histograms: (SampleHistogram | null)[];
  readonly summaries: {
    readonly project: ProjectSummary;
    readonly issues: IssueSummary;
    readonly imageIssues: ImageIssueSummary[];
  };
}

export type CountingKind = keyof CountingRequests;

export const countingTasks: {
  readonly [Kind in CountingKind]: (
    folder: ProjectFolder,
    request: CountingRequests[Kind],
  ) => CountingResults[Kind];
} = {
  facets: ({ connection }, { filter }) => countFacets(connection, filter),
  histograms: ({ connection }, { filter, fields, bins }) => {
    const matched = new MatchedImages(connection);
    return fields.map((field) => countHistogram(connection, filter, field, bins, matched));
  },
  summaries: (folder) => ({
    project: summarizeProject(folder),
    issues: summarizeIssues(folder.connection),
    imageIssues: summarizeImageIssues(folder.connection),
  }),
};
