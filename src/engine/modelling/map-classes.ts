/** @file Which output of a model stands for which class of the project. */
import { AppError } from '../../core/base/app-error.ts';
import type { ModelChoices } from '../../contract/model-choices.ts';
import type { ClassId } from '../../contract/vocabulary.ts';

export interface ClassMapping {
  /** Columns of the output that are used, in order; null: all. */
  readonly columns: number[] | null;
  /** Class of each used column. */
  readonly classIds: ClassId[];
  /** Outputs of the new head, where there is to be one. */
  readonly newHead: number | null;
}

/** `classes`: the project's, in their order. */
export function mapClasses(
  classes: ReadonlyMap<ClassId, string>,
  outputCount: number,
  { classNames, newHead }: Pick<ModelChoices, 'classNames' | 'newHead'>,
): ClassMapping {
  if (newHead) return { columns: null, classIds: [...classes.keys()], newHead: classes.size };
  if (classNames.length > 0) return byName(classes, outputCount, classNames);
  if (classes.size === outputCount) return { columns: null, classIds: [...classes.keys()], newHead: null };
  throw new AppError('model-classes-mismatch', {
    outputs: outputCount,
    given: `the project has ${classes.size}`,
  });
}

function byName(
  classes: ReadonlyMap<ClassId, string>,
  outputCount: number,
  names: readonly string[],
): ClassMapping {
  if (names.length !== outputCount)
    throw new AppError('model-classes-mismatch', {
      outputs: outputCount,
      given: `${names.length} names were given`,
    });
  const idOfName = new Map([...classes].map(([id, name]) => [normal(name), id]));
  const used = names.flatMap((name, column) => {
    const classId = idOfName.get(normal(name));
    return classId === undefined ? [] : [{ column, classId }];
  });
  if (used.length < 2)
    throw new AppError('model-classes-unknown', {
      given: abridge(names),
      known: abridge([...classes.values()]),
    });
  const repeated = used.find(
    ({ classId }, place) => used.findIndex((one) => one.classId === classId) < place,
  );
  if (repeated !== undefined)
    throw new AppError('model-choice-invalid', {
      reason: `Two outputs are called ${names[repeated.column]!}; every class has one output`,
    });
  const all = used.length === outputCount;
  return {
    columns: all ? null : used.map(({ column }) => column),
    classIds: used.map(({ classId }) => classId),
    newHead: null,
  };
}

function normal(name: string): string {
  return name.trim().normalize('NFC').toLowerCase();
}

function abridge(names: readonly string[]): string {
  return names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} … (${names.length})`;
}
