import path from 'node:path';
import { expect, test } from 'vitest';
import { projectArgument } from './project-argument.ts';

const here = path.resolve('/home/person');

test('a project folder among the arguments is found and made absolute', () => {
  expect(projectArgument(['electron', '.', '--flag', 'cats.whence/'], here)).toBe(
    path.join(here, 'cats.whence'),
  );
  expect(projectArgument(['electron', '/data/dogs.whence'], here)).toBe(path.resolve('/data/dogs.whence'));
});

test('flags and other folders are no project', () => {
  expect(projectArgument(['electron', '.', '--open=cats.whence', 'whence'], here)).toBeNull();
});
