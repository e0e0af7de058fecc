/** @file Tags, signed by this machine's reviewer. */
import { present } from '../../core/base/assert.ts';
import { idsOfSamples, type SampleSet } from '../../contract/sample-set.ts';
import type { Handlers } from '../../contract/service.ts';
import type { tags } from '../../contract/tags-service.ts';
import type { SampleId, TagId } from '../../contract/vocabulary.ts';
import { transact } from '../storage/connection.ts';
import { flagCulprit } from '../storage/culprits.ts';
import { readUndoState } from '../storage/events.ts';
import { removeTag, renameTag } from '../storage/tag-names.ts';
import { changeTag, ensureTag, listTags } from '../storage/tags.ts';
import type { EngineContext } from './engine-context.ts';

export function makeTagsHandlers(context: EngineContext): Handlers<typeof tags> {
  const change = (images: SampleSet, tagId: TagId, added: boolean) => {
    const { project, machine } = context;
    const asked = { sampleIds: idsOfSamples(images), tagId, added };
    const changed = changeTag(project.connection, asked, machine.reviewer);
    return announce(tagId, changed);
  };
  const announce = (tagId: TagId, changed: readonly SampleId[]) => {
    const { project } = context;
    const { connection } = project;
    project.announceDecisions(changed);
    project.announceTags();
    const tag = present(
      listTags(connection).find((entry) => entry.id === tagId),
      'the tag that was just changed',
    );
    return { ...readUndoState(connection), tag, changed: changed.length };
  };
  return {
    list: () => listTags(context.project.connection),
    add: ({ images, name }) => {
      const { connection } = context.project;
      return transact(connection, () => change(images, ensureTag(connection, name), true));
    },
    take: ({ images, tagId }) => change(images, tagId, false),
    flagCulprit: ({ sampleId, source }) => {
      const { project, machine } = context;
      const tagId = flagCulprit(project.connection, { sampleId, source }, machine.reviewer);
      return announce(tagId, [sampleId]);
    },
    rename: ({ tagId, name }) => {
      const { project, machine } = context;
      renameTag(project.connection, tagId, name, machine.reviewer);
      project.announceDecisions([]);
      project.announceTags();
      return readUndoState(project.connection);
    },
    remove: ({ tagId }) => {
      const { project, machine } = context;
      const changed = removeTag(project.connection, tagId, machine.reviewer);
      project.announceDecisions(changed);
      project.announceTags();
      return { ...readUndoState(project.connection), changed: changed.length };
    },
  };
}
