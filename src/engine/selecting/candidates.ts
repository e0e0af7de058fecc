/** @file What a subset is chosen from: the images that a model learned, by class and by folder. */
import type { Candidates } from '../../core/selection/choose-subset.ts';
import type { Subset } from '../../contract/subsets-service.ts';
import type { Connection } from '../storage/connection.ts';
import { listSamplePaths } from '../storage/subsets.ts';
import type { LabelledRow, LoadedModel } from '../attributing/loaded-model.ts';

export interface CandidateSet {
  /** What the model learned and is not excluded by now, in its order; a candidate's number is its place here. */
  readonly images: readonly LabelledRow[];
  readonly classes: Int32Array;
  /** Folder number of each candidate, and the folders' names. */
  readonly folders: Int32Array;
  readonly folderNames: readonly string[];
}

export function gatherCandidates(connection: Connection, model: LoadedModel): CandidateSet {
  const learned = model.learned.filter(({ row }) => model.samples[row]!.excluded === 0);
  const paths = listSamplePaths(connection);
  const names = learned.map(({ sampleId }) => folderOf(paths.get(sampleId) ?? ''));
  const folderNames = [...new Set(names)].sort();
  const numbers = new Map(folderNames.map((name, number) => [name, number]));
  return {
    images: learned,
    classes: Int32Array.from(learned, ({ classIndex }) => classIndex),
    folders: Int32Array.from(names, (name) => numbers.get(name)!),
    folderNames,
  };
}

/** 'train/coat/1.png' → 'train/coat'; '' for a file without a folder. */
function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** What the budget is shared out among. */
export function balanced(
  { classes, folders }: CandidateSet,
  balance: 'none' | 'class' | 'group',
): Candidates {
  const groups = { none: new Int32Array(classes.length), class: classes, group: folders };
  return { classes, groups: groups[balance] };
}

/** What each class and each folder keeps of these candidates. */
export function countKept(
  { images, classes, folders, folderNames }: CandidateSet,
  chosen: Uint32Array,
  classIds: LoadedModel['classIds'],
): Pick<Subset, 'classes' | 'folders'> {
  const all = Uint32Array.from(images.keys());
  const count = (numbers: Int32Array, some: Uint32Array, number: number): number =>
    some.reduce((total, candidate) => total + (numbers[candidate] === number ? 1 : 0), 0);
  const tally = (numbers: Int32Array, number: number) => ({
    kept: count(numbers, chosen, number),
    candidates: count(numbers, all, number),
  });
  return {
    classes: classIds.map((classId, number) => ({ classId, ...tally(classes, number) })),
    folders:
      folderNames.length < 2
        ? []
        : folderNames.map((folder, number) => ({ folder, ...tally(folders, number) })),
  };
}
