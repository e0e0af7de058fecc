/** @file Decisions about labels, signed by this machine's reviewer. */
import { present } from '../../core/base/assert.ts';
import type { labels } from '../../contract/labels-service.ts';
import type { Handlers } from '../../contract/service.ts';
import { listClasses } from '../storage/classes.ts';
import { addClass, decide, readUndoState, redo, undo, undoTo, type StepResult } from '../storage/events.ts';
import { changeExclusion } from '../storage/exclusions.ts';
import { hasGroupChanges } from '../storage/group-changes.ts';
import { pageHistory } from '../storage/history.ts';
import type { EngineContext } from './engine-context.ts';

export function makeLabelsHandlers(context: EngineContext): Handlers<typeof labels> {
  const step = (take: typeof undo): StepResult => {
    const { project, machine } = context;
    const result = take(project.connection, machine.reviewer);
    project.announceDecisions(result.sampleIds);
    project.announceTags();
    if (hasGroupChanges(project.connection)) project.announceGroups();
    return result;
  };
  return {
    decide: (decision) => {
      const { project, machine } = context;
      const state = decide(project.connection, decision, machine.reviewer);
      project.announceDecisions(decision.sampleIds);
      return state;
    },
    setExcluded: (change) => {
      const { project, machine } = context;
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
