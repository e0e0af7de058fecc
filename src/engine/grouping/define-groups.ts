/** @file Groups made from classes, folders, tags, columns, filters and selections: the images of the train split that match, fixed from then on. */
import { createHash } from 'node:crypto';
import { AppError } from '../../core/base/app-error.ts';
import type { EachRule, GroupPreview, GroupRule } from '../../contract/groups-service.ts';
import { idsOfSamples } from '../../contract/sample-set.ts';
import { SampleFilter } from '../../contract/samples-service.ts';
import type { GroupId, SampleId } from '../../contract/vocabulary.ts';
import type { z } from 'zod';
import type { Connection } from '../storage/connection.ts';
import { columnNamed, listColumns, listColumnValues } from '../storage/columns.ts';
import { insertGroup, type NewGroup } from '../storage/groups.ts';
import { listClassNames } from '../storage/labelled-samples.ts';
import { listMissing, listTrainPaths, type TrainPath } from '../storage/sample-paths.ts';
import { querySamples } from '../storage/samples.ts';
import { listTags, tagNameOf } from '../storage/tags.ts';

type Rule = z.infer<typeof GroupRule>;

export function defineGroup(connection: Connection, name: string, rule: Rule): GroupId {
  const members = membersOf(connection, rule);
  if (members.length === 0)
    throw new AppError('groups-missing', { reason: 'no image of the train split matches' });
  const definition =
    rule.kind === 'filter' ? describeFilter(connection, rule) : describeSelection(name, members);
  return insertGroup(connection, { name, kind: rule.kind, definition, members });
}

function membersOf(connection: Connection, rule: Rule): SampleId[] {
  const filter = SampleFilter.parse(rule.kind === 'filter' ? rule.filter : {});
  const splits = filter.splits.filter((split) => split === 'train');
  const train = filter.splits.length > 0 && splits.length === 0 ? [] : ['train' as const];
  if (train.length === 0) return [];
  const ids = querySamples(connection, { ...filter, splits: train });
  if (rule.kind === 'filter') return Array.from(ids) as SampleId[];
  const isTrain = new Set<number>(ids);
  return idsOfSamples(rule.images).filter((id) => isTrain.has(id));
}

/** A name may be given twice: the images themselves tell selections apart. */
function describeSelection(name: string, members: readonly SampleId[]): string {
  const hash = createHash('sha256').update(members.join(' ')).digest('hex');
  return `${members.length} images chosen as ${name} (${hash.slice(0, 8)})`;
}

function describeFilter(connection: Connection, { filter }: Extract<Rule, { kind: 'filter' }>): string {
  const {
    text,
    query,
    labels,
    decisions,
    suggestedLabels,
    tags,
    columns,
    ranges,
    onlyIssues,
    onlyMissing,
    onlyExcluded,
    subset,
  } = SampleFilter.parse(filter);
  const names = listClassNames(connection);
  const parts = [
    text === '' ? [] : [`“${text}”`],
    query === '' ? [] : [query],
    labels.length === 0 ? [] : [`label ${labels.map((id) => names.get(id) ?? id).join(' or ')}`],
    suggestedLabels.length === 0
      ? []
      : [`suggested ${suggestedLabels.map((id) => names.get(id) ?? id).join(' or ')}`],
    decisions.length === 0 ? [] : [`decision ${decisions.join(' or ')}`],
    tags.length === 0 ? [] : [`tag ${tags.map((id) => tagNameOf(connection, id)).join(' or ')}`],
    columns.map((condition) => describeColumn(connection, condition)),
    ranges.map(({ field, from, to }) => describeRange(field, from, to)),
    onlyIssues ? ['label issues'] : [],
    onlyMissing ? ['files that are missing'] : [],
    onlyExcluded ? ['excluded images'] : [],
    subset === null ? [] : [`subset ${subset}`],
  ].flat();
  return parts.length === 0 ? 'all images' : parts.join(', ');
}

function describeColumn(
  connection: Connection,
  { columnId, values, from, to }: z.infer<typeof SampleFilter>['columns'][number],
): string {
  const name = listColumns(connection).find(({ id }) => id === columnId)?.name ?? `column ${columnId}`;
  return [
    ...(values.length === 0 ? [] : [`${name} = ${values.join(' or ')}`]),
    ...(from === null && to === null ? [] : [describeRange(name, from, to)]),
  ].join(' and ');
}

function describeRange(name: string, from: number | null, to: number | null): string {
  return [...(from === null ? [] : [`${name} ≥ ${from}`]), ...(to === null ? [] : [`${name} ≤ ${to}`])].join(
    ' and ',
  );
}

/** One group for each class, folder, tag or value of a column; `folderDepth` null: of as few levels as tell any apart. */
export function defineEach(connection: Connection, rule: EachRule): GroupId[] {
  const { groups } = findGroups(connection, rule);
  if (groups.length === 0) throw new AppError('groups-missing', { reason: noneFor[rule.by] });
  return groups.map((group) => insertGroup(connection, group));
}

const noneFor: Readonly<Record<EachRule['by'], string>> = {
  class: 'no image of the train split has a label',
  folder: 'no image of the train split lies in a folder',
  tag: 'no image of the train split has a tag',
  column: 'no image of the train split has a value in that column',
};

/** The same before anything is defined. */
export function previewEach(connection: Connection, rule: EachRule): GroupPreview {
  const found = findGroups(connection, rule);
  const missing = new Set(listMissing(connection));
  return {
    folderDepth: found.folderDepth,
    groups: found.groups.map(({ name, definition, members }) => ({
      ...{ name, definition, memberCount: members.length },
      missingCount: members.filter((id) => missing.has(id)).length,
    })),
  };
}

function findGroups(
  connection: Connection,
  { by, folderDepth = null, column = null }: EachRule,
): FoundGroups {
  switch (by) {
    case 'class':
      return classGroups(connection);
    case 'folder':
      return folderGroups(connection, folderDepth);
    case 'tag':
      return tagGroups(connection);
    case 'column':
      return columnGroups(connection, column ?? '');
  }
}

interface FoundGroups {
  readonly folderDepth: number | null;
  readonly groups: readonly NewGroup[];
}

function classGroups(connection: Connection): FoundGroups {
  const groups = [...listClassNames(connection)].flatMap(([id, name]): NewGroup[] => {
    const members = trainImages(connection, { labels: [id] });
    return members.length === 0 ? [] : [{ name, kind: 'class', definition: `label ${name}`, members }];
  });
  return { folderDepth: null, groups };
}

function tagGroups(connection: Connection): FoundGroups {
  const groups = listTags(connection).flatMap(({ id, name }): NewGroup[] => {
    const members = trainImages(connection, { tags: [id] });
    return members.length === 0 ? [] : [{ name, kind: 'tag', definition: `tag ${name}`, members }];
  });
  return { folderDepth: null, groups };
}

/** More groups than anyone tells apart: the column holds numbers or free text. */
const MOST_VALUES = 1000;

function columnGroups(connection: Connection, name: string): FoundGroups {
  const column = columnNamed(connection, name);
  if (column.valueCount > MOST_VALUES)
    throw new AppError('groups-missing', {
      reason: `the column ${name} holds ${column.valueCount} different values, more than ${MOST_VALUES} groups`,
    });
  const groups = listColumnValues(connection, column.id).flatMap((value): NewGroup[] => {
    const members = trainImages(connection, { columns: [{ columnId: column.id, values: [value] }] });
    const definition = `${name} = ${value}`;
    return members.length === 0 ? [] : [{ name: value, kind: 'column', definition, members }];
  });
  return { folderDepth: null, groups };
}

function trainImages(connection: Connection, filter: SampleFilter): SampleId[] {
  const complete = SampleFilter.parse({ ...filter, splits: ['train'] });
  return Array.from(querySamples(connection, complete)) as SampleId[];
}

function folderGroups(connection: Connection, asked: number | null): FoundGroups {
  const paths = listTrainPaths(connection);
  const depth = asked ?? separatingDepth(paths);
  const groups = [...byFolder(paths, depth)].map(([folder, samples]): NewGroup => ({
    name: folder.split('/').at(-1)!,
    kind: 'folder',
    definition: `folder ${folder}`,
    members: samples.map(({ id }) => id),
  }));
  return { folderDepth: depth, groups };
}

/** Images that lie in no folder are in none. */
function byFolder(paths: readonly TrainPath[], depth: number): Map<string, TrainPath[]> {
  const found = Map.groupBy(paths, ({ path }) => path.split('/').slice(0, -1).slice(0, depth).join('/'));
  found.delete('');
  return found;
}

/** A source with `train/coat` and `train/dress` has one folder at its first level, and two at its second. 1 where no level tells any apart. */
function separatingDepth(paths: readonly TrainPath[]): number {
  const deepest = paths.reduce((most, { path }) => Math.max(most, path.split('/').length - 1), 0);
  for (let depth = 1; depth <= deepest; depth++) if (byFolder(paths, depth).size > 1) return depth;
  return 1;
}
