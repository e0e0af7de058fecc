/** @file Saved views: a filter with its query and an order, kept in the project by name. */
import { z } from 'zod';
import { SampleFilter, SampleOrder } from './samples-service.ts';
import { call, service } from './service.ts';
import { nothing, Timestamp, ViewId } from './vocabulary.ts';

const ViewName = z.string().max(200);

export const SavedView = z.object({
  id: ViewId,
  name: z.string(),
  filter: SampleFilter,
  order: SampleOrder,
  createdAt: Timestamp,
});
export type SavedView = z.output<typeof SavedView>;

export const views = service({
  name: 'views',
  calls: {
    /** By name. */
    list: call(nothing, z.array(SavedView)),
    save: call(z.object({ name: ViewName, filter: SampleFilter, order: SampleOrder }), SavedView),
    /** What is not given stays. */
    update: call(
      z.object({
        id: ViewId,
        name: ViewName.optional(),
        filter: SampleFilter.optional(),
        order: SampleOrder.optional(),
      }),
      SavedView,
    ),
    remove: call(z.object({ id: ViewId }), z.null()),
  },
  events: { changed: z.array(SavedView) },
});
