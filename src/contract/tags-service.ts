/** @file Tags: words that people give to images. Giving and taking them is undone like a decision about a label. */
import { z } from 'zod';
import { CulpritSource } from './culprits.ts';
import { UndoState } from './labels-service.ts';
import { SomeSamples } from './sample-set.ts';
import { call, service } from './service.ts';
import { nothing, SampleId, TagEntry, TagId } from './vocabulary.ts';

/** `changed`: images that did not have the tag before, or had it. */
const TagChange = UndoState.extend({ tag: TagEntry, changed: z.number().int() });

export const tags = service({
  name: 'tags',
  calls: {
    list: call(nothing, z.array(TagEntry)),
    /** Gives the tag called `name`, which is made where there is none. */
    add: call(z.object({ images: SomeSamples, name: z.string().max(200) }), TagChange),
    take: call(z.object({ images: SomeSamples, tagId: TagId }), TagChange),
    /** Flags a training image that evidence points to: gives it the tag `culprit`, with what it is flagged for. */
    flagCulprit: call(z.object({ sampleId: SampleId, source: CulpritSource }), TagChange),
    /** Its images keep it. */
    rename: call(z.object({ tagId: TagId, name: z.string().max(200) }), UndoState),
    /** Takes it from all images and from the project. */
    remove: call(z.object({ tagId: TagId }), UndoState.extend({ changed: z.number().int() })),
  },
  events: { changed: z.array(TagEntry) },
});
