/** @file Decisions about labels, signed by this machine's reviewer. */
import { present } from '../../core/base/assert.ts';
import type { z } from 'zod';
import type { labels, UndoResult } from '../../contract/labels-service.ts';
import { idsOfSamples } from '../../contract/sample-set.ts';
import type { Handlers } from '../../contract/service.ts';
import { listClasses } from '../storage/classes.ts';
import { addClass, decide, readUndoState, redo, undo, undoTo } from '../storage/events.ts';
import { changeExclusion } from '../storage/exclusions.ts';
import { hasGroupChanges } from '../storage/group-changes.ts';
import { pageHistory } from '../storage/history.ts';
import type { EngineContext } from './engine-context.ts';

export function makeLabelsHandlers(context: EngineContext): Handlers<typeof labels> {
  const step = (take: typeof undo): z.output<typeof UndoResult> => {
    const { project, machine } = context;
    const { sampleIds, ...result } = take(project.connection, machine.reviewer);
    const images = project.announceDecisions(sampleIds);
    project.announceTags();
    if (hasGroupChanges(project.connection)) project.announceGroups();
    return { ...result, images };
  };
  return {
    decide: ({ images, ...decision }) => {
      const { project, machine } = context;
      const sampleIds = idsOfSamples(images);
      const state = decide(project.connection, { ...decision, sampleIds }, machine.reviewer);
      project.announceDecisions(sampleIds);
      return state;
    },
    setExcluded: ({ images, excluded }) => {
      const { project, machine } = context;
      const change = { sampleIds: idsOfSamples(images), excluded };
      const changed = changeExclusion(project.connection, change, machine.reviewer);
      project.announceDecisions(changed);
      return { ...readUndoState(project.connection), changed: changed.length };
    },
    undo: () => step(undo),
    redo: () => step(redo),
    undoTo: ({ eventId }) => step((connection, reviewer) => undoTo(connection, eventId, reviewer)),
    undoState: () => readUndoState(context.project.connection),
    history: (page) => pageHistory(context.project.connection, page),
    addClass: ({ name }) => {
      const { project, machine } = context;
      const id = addClass(project.connection, name, machine.reviewer);
      project.announceSummary();
      return present(
        listClasses(project.connection).find((entry) => entry.id === id),
        'the class just added',
      );
    },
  };
}
