/** @file Groups of training images: defined, listed; and how much queries depend on them. */
import type { groups } from '../../contract/groups-service.ts';
import { idsOfSamples } from '../../contract/sample-set.ts';
import type { Handlers } from '../../contract/service.ts';
import { refuseGroupsOfCases } from '../cases/case-log.ts';
import { defineEach, defineGroup, previewEach } from '../grouping/define-groups.ts';
import { readUndoState } from '../storage/events.ts';
import { changeGroup, groupsHolding } from '../storage/group-changes.ts';
import {
  listGroupAttributions,
  listGroupMembers,
  listGroups,
  listOverlaps,
  readGroupAttribution,
  removeGroups,
  renameGroup,
} from '../storage/groups.ts';
import type { EngineContext } from './engine-context.ts';

export function makeGroupsHandlers(context: EngineContext): Handlers<typeof groups> {
  /** Answers what a change answered, and tells everyone that there was one. */
  const changed = <Result>(change: () => Result): Result => {
    const result = change();
    context.project.announceGroups();
    return result;
  };
  const nothing = (change: () => void): null =>
    changed(() => {
      change();
      return null;
    });
  return {
    list: () => listGroups(context.project.connection),
    overlaps: () => listOverlaps(context.project.connection),
    define: ({ name, rule }) => changed(() => defineGroup(context.project.connection, name, rule)),
    defineEach: (rule) => changed(() => defineEach(context.project.connection, rule)),
    previewEach: (rule) => previewEach(context.project.connection, rule),
    rename: ({ id, name }) => nothing(() => renameGroup(context.project.connection, id, name)),
    remove: ({ ids }) =>
      nothing(() => {
        refuseGroupsOfCases(context.project.connection, ids);
        removeGroups(context.project.connection, ids);
      }),
    members: ({ id }) => ({ ids: Int32Array.from(listGroupMembers(context.project.connection, id)) }),
    change: ({ id, images: asked, added }) => {
      const { project, machine } = context;
      const images = changed(() =>
        changeGroup(
          project.connection,
          { groupId: id, sampleIds: idsOfSamples(asked), added },
          machine.reviewer,
        ),
      );
      project.announceDecisions(images);
      return { ...readUndoState(project.connection), changed: images.length };
    },
    holding: ({ images }) => groupsHolding(context.project.connection, idsOfSamples(images)),
    attributions: () => listGroupAttributions(context.project.connection),
    attribution: ({ runId }) => readGroupAttribution(context.project.connection, runId),
  };
}
