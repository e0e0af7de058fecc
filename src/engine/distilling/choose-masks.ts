/** @file What is left out of a synset when it is asked: clusters, classes, groups, all but a subset, or random clusters. */
import { AppError } from '../../core/base/app-error.ts';
import {
  leaveOneOut,
  leaveOut,
  randomMasks,
  withoutMembers,
} from '../../core/attribution/datamodel/masks.ts';
import { makeMatrix, type Matrix64 } from '../../core/linalg/matrix.ts';
import type { DatamodelMasks, QueryDatamodelConfig } from '../../contract/datamodel-configs.ts';
import type { PerturbationEffect } from '../../contract/datamodels-service.ts';
import type { ClassId, GroupId, SampleId } from '../../contract/vocabulary.ts';
import { listClasses } from '../storage/classes.ts';
import type { Connection } from '../storage/connection.ts';
import { listGroupMembers, listGroups } from '../storage/groups.ts';
import { listMembers, readSubset } from '../storage/subsets.ts';
import type { SynsetArtifact } from './synset-artifact.ts';

export type LeftOut = Pick<PerturbationEffect, 'name' | 'groupId' | 'classId' | 'cluster' | 'removed'>;

export interface ChosenMasks {
  /** [B, C] */
  readonly masks: Matrix64;
  /** What each leaves out. */
  readonly leftOut: readonly LeftOut[];
}

interface MaskWork {
  readonly connection: Connection;
  readonly config: QueryDatamodelConfig;
  readonly artifact: SynsetArtifact;
  readonly classIds: readonly ClassId[];
}

const nothing = { groupId: null, classId: null, cluster: null };

export function chooseMasks(work: MaskWork): ChosenMasks {
  return rules[work.config.masks](work);
}

const rules: { readonly [Kind in DatamodelMasks]: (work: MaskWork) => ChosenMasks } = {
  clusters: ({ artifact: { synset }, classIds }) => ({
    masks: leaveOneOut(synset.sizes.length),
    leftOut: Array.from(synset.sizes, (removed, cluster) => ({
      ...{ name: `cluster ${cluster}`, groupId: null, classId: classIds[synset.classes[cluster]!]! },
      ...{ cluster, removed },
    })),
  }),
  classes: ({ artifact: { synset }, classIds, connection }) => {
    const present = [...new Set(synset.classes)];
    const lists = present.map((classIndex) => placesOf(synset.classes, classIndex));
    const names = new Map(listClasses(connection).map(({ id, name }) => [id, name]));
    return {
      masks: leaveOut(lists, synset.sizes.length),
      leftOut: present.map((classIndex, place) => ({
        ...{ groupId: null, cluster: null, classId: classIds[classIndex]! },
        name: names.get(classIds[classIndex]!) ?? `class ${classIndex}`,
        removed: lists[place]!.reduce((sum, cluster) => sum + synset.sizes[cluster]!, 0),
      })),
    };
  },
  groups: ({ artifact, config, connection }) => {
    const all = listGroups(connection);
    const chosen = config.groups.length === 0 ? all : all.filter(({ id }) => config.groups.includes(id));
    const unknown = config.groups.find((id) => !all.some((group) => group.id === id));
    if (unknown !== undefined) throw new AppError('group-not-found', { groupId: unknown });
    if (chosen.length === 0) throw new AppError('groups-missing', { reason: 'none is defined' });
    return withoutEach(
      artifact,
      chosen.map(({ id, name }) => groupWithout(connection, id, name)),
    );
  },
  subset: ({ artifact, config, connection }) => {
    if (config.subset === null)
      throw new AppError('usage-invalid', { reason: 'Say which subset is kept (--subset)' });
    const { name } = readSubset(connection, config.subset);
    const kept = new Set(listMembers(connection, config.subset).map(({ sampleId }) => sampleId));
    const goes = (id: SampleId): boolean => !kept.has(id);
    return withoutEach(artifact, [{ name: `all but ${name}`, groupId: null, goes }]);
  },
  random: ({ artifact: { synset }, config }) => {
    const { randomMasks: count, dropped, seed } = config;
    const masks = randomMasks(count, synset.sizes.length, { dropped, seed });
    return {
      masks,
      leftOut: Array.from({ length: count }, (_, mask) => ({
        ...nothing,
        name: `random set ${mask + 1}`,
        removed: synset.sizes.reduce(
          (sum, size, cluster) => sum + size * (1 - masks.data[mask * masks.columns + cluster]!),
          0,
        ),
      })),
    };
  },
};

interface Removal {
  readonly name: string;
  readonly groupId: GroupId | null;
  readonly goes: (id: SampleId) => boolean;
}

function groupWithout(connection: Connection, groupId: GroupId, name: string): Removal {
  const members = new Set(listGroupMembers(connection, groupId));
  return { name, groupId, goes: (id) => members.has(id) };
}

/** Images that the synset does not stand for change nothing; a removal that has no others, or that leaves nothing, is refused. */
function withoutEach(
  { assignment, sampleIds, synset }: SynsetArtifact,
  removals: readonly Removal[],
): ChosenMasks {
  const count = synset.sizes.length;
  const counts = removals.map(({ goes }) => sampleIds.filter(goes).length);
  const useless = counts.findIndex((removed) => removed === 0 || removed === sampleIds.length);
  if (useless >= 0)
    throw new AppError('perturbation-useless', {
      name: removals[useless]!.name,
      reason:
        counts[useless] === 0 ? 'none of its images was learned' : 'nothing would be left to learn from',
    });
  const rows = removals.flatMap(({ goes }) => [
    ...withoutMembers(assignment, count, (image) => goes(sampleIds[image]!)).data,
  ]);
  return {
    masks: makeMatrix(removals.length, count, Float64Array.from(rows)),
    leftOut: removals.map(({ name, groupId }, index) => ({
      ...nothing,
      name,
      groupId,
      removed: counts[index]!,
    })),
  };
}

function placesOf(values: Int32Array, wanted: number): number[] {
  return Array.from(values.keys()).filter((place) => values[place] === wanted);
}
