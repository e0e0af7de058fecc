/** @file Numbers by which the command line names runs, query images, groups and subsets. */
import { InvalidArgumentError } from 'commander';

export function parseId(text: string): number {
  const id = Number(text);
  if (!Number.isInteger(id) || id < 1)
    throw new InvalidArgumentError(`A number from 1 on is expected, not ${text}.`);
  return id;
}

/** For an argument that may be given several times: what came before, and this one. */
export function parseIds(text: string, before: readonly number[] = []): number[] {
  return [...before, parseId(text)];
}
