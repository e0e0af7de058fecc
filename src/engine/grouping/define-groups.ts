/** @file Groups made from classes, folders, filters and selections: the images of the train split that match, fixed from then on. */
import { createHash } from 'node:crypto';
import { AppError } from '../../core/base/app-error.ts';
import type { EachRule, GroupPreview, GroupRule } from '../../contract/groups-service.ts';
import { SampleFilter } from '../../contract/samples-service.ts';
import type { GroupId, SampleId } from '../../contract/vocabulary.ts';
import type { z } from 'zod';
import type { Connection } from '../storage/connection.ts';
import { insertGroup, type NewGroup } from '../storage/groups.ts';
import { listClassNames } from '../storage/labelled-samples.ts';
import { listMissing, listTrainPaths, type TrainPath } from '../storage/sample-paths.ts';
import { querySamples } from '../storage/samples.ts';

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
  const ids = querySamples(connection, { ...filter, splits: train }, 'import');
  if (rule.kind === 'filter') return Array.from(ids) as SampleId[];
  const isTrain = new Set<number>(ids);
  return [...new Set(rule.sampleIds)].filter((id) => isTrain.has(id)).sort((a, b) => a - b);
}

/** A name may be given twice: the images themselves tell selections apart. */
function describeSelection(name: string, members: readonly SampleId[]): string {
  const hash = createHash('sha256').update(members.join(' ')).digest('hex');
  return `${members.length} images chosen as ${name} (${hash.slice(0, 8)})`;
}

function describeFilter(connection: Connection, { filter }: Extract<Rule, { kind: 'filter' }>): string {
  const { text, labels, decisions, suggestedLabels, onlyIssues, onlyMissing, subset } =
    SampleFilter.parse(filter);
  const names = listClassNames(connection);
  const parts = [
    text === '' ? [] : [`“${text}”`],
    labels.length === 0 ? [] : [`label ${labels.map((id) => names.get(id) ?? id).join(' or ')}`],
    suggestedLabels.length === 0
      ? []
      : [`suggested ${suggestedLabels.map((id) => names.get(id) ?? id).join(' or ')}`],
    decisions.length === 0 ? [] : [`decision ${decisions.join(' or ')}`],
    onlyIssues ? ['label issues'] : [],
    onlyMissing ? ['files that are missing'] : [],
    subset === null ? [] : [`subset ${subset}`],
  ].flat();
  return parts.length === 0 ? 'all images' : parts.join(', ');
}

/** One group for each class or folder; `folderDepth` null: of as few levels as tell any apart. */
export function defineEach(connection: Connection, { by, folderDepth }: EachRule): GroupId[] {
  const { groups } = by === 'class' ? classGroups(connection) : folderGroups(connection, folderDepth);
  if (groups.length === 0)
    throw new AppError('groups-missing', {
      reason:
        by === 'class'
          ? 'no image of the train split has a label'
          : 'no image of the train split lies in a folder',
    });
  return groups.map((group) => insertGroup(connection, group));
}

/** The same before anything is defined. */
export function previewEach(connection: Connection, { by, folderDepth }: EachRule): GroupPreview {
  const found = by === 'class' ? classGroups(connection) : folderGroups(connection, folderDepth);
  const missing = new Set(listMissing(connection));
  return {
    folderDepth: found.folderDepth,
    groups: found.groups.map(({ name, definition, members }) => ({
      ...{ name, definition, memberCount: members.length },
      missingCount: members.filter((id) => missing.has(id)).length,
    })),
  };
}

interface FoundGroups {
  readonly folderDepth: number | null;
  readonly groups: readonly NewGroup[];
}

function classGroups(connection: Connection): FoundGroups {
  const groups = [...listClassNames(connection)].flatMap(([id, name]): NewGroup[] => {
    const filter = SampleFilter.parse({ labels: [id], splits: ['train'] });
    const members = Array.from(querySamples(connection, filter, 'import')) as SampleId[];
    return members.length === 0 ? [] : [{ name, kind: 'class', definition: `label ${name}`, members }];
  });
  return { folderDepth: null, groups };
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
