/** @file Query images: listed, added, shown; and the training images behind each. */
import { AppError } from '../../core/base/app-error.ts';
import type { queries, QueryInfluence } from '../../contract/queries-service.ts';
import type { Handlers } from '../../contract/service.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { refuseQueriesOfCases } from '../cases/case-log.ts';
import { diffusionValidityOf } from '../evaluating/validity.ts';
import { addQueryFiles, forgetQueries } from '../generating/query-files.ts';
import { listSheets, readSheet } from '../generating/sheets.ts';
import { listEvaluations } from '../storage/evaluations.ts';
import type { InfluenceRow } from '../storage/influences.ts';
import { listClasses } from '../storage/classes.ts';
import { findQueryInfluences, listQueries, tellQueries } from '../storage/queries.ts';
import type { Assets } from './assets.ts';
import type { EngineContext } from './engine-context.ts';

export function makeQueriesHandlers(context: EngineContext, assets: Assets): Handlers<typeof queries> {
  return {
    list: () =>
      listQueries(context.project.connection).map(({ file: _file, place: _place, ...query }) => query),
    addFiles: async ({ paths }) => {
      const outcome = await addQueryFiles(context.project.folder, paths);
      context.project.announceQueries();
      return outcome;
    },
    remove: ({ ids }) => {
      refuseQueriesOfCases(context.project.connection, ids);
      forgetQueries(context.project.folder, ids);
      context.project.announceQueries();
      return null;
    },
    tell: ({ ids, classId, prompt }) => {
      const { connection } = context.project;
      if (classId !== null && !listClasses(connection).some(({ id }) => id === classId))
        throw new AppError('usage-invalid', { reason: `The project has no class ${classId}` });
      tellQueries(connection, ids, { classId, prompt: prompt?.trim() || null });
      context.project.announceQueries();
      return null;
    },
    sheets: ({ runId }) => listSheets(context.project.folder, runId),
    sheet: ({ runId, step }) => ({
      bytes: readSheet(context.project.folder, runId, step),
      type: 'image/png',
    }),
    image: ({ id }) => assets.query(id),
    influence: ({ id, runId }): QueryInfluence | null => {
      const found = findQueryInfluences(context.project.connection, id, runId);
      if (found === null) return null;
      const { runId: foundRunId, modelId, choices } = found.found;
      return {
        ...{ queryId: id, runId: foundRunId, modelId, choices },
        validity: diffusionValidityOf(choices, listEvaluations(context.project.connection, modelId)),
        proponents: found.proponents.map(toEntry),
        opponents: found.opponents.map(toEntry),
        attributions: found.attributions,
      };
    },
  };
}

function toEntry({ sampleId, score }: InfluenceRow): QueryInfluence['proponents'][number] {
  return { sampleId: sampleId as SampleId, score };
}
