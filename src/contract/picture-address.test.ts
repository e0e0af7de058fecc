import { expect, test } from 'vitest';
import { parsePictureAddress } from './picture-address.ts';

const parse = (path: string) => parsePictureAddress(new URL(path, 'whence://app/'));

test('a thumbnail has one of the stored sizes, the small one unless told', () => {
  expect(parse('/thumb/7?size=256&v=3')).toEqual({ kind: 'thumbnail', id: 7, size: 256 });
  expect(parse('/thumb/7')).toEqual({ kind: 'thumbnail', id: 7, size: 96 });
  expect(parse('/thumb/7?size=5000')).toBeNull();
});

test('an original is asked for by its id', () => {
  expect(parse('/image/12?v=1')).toEqual({ kind: 'image', id: 12 });
});

test('a query image is asked for by its id', () => {
  expect(parse('/query/5?v=0a1b2c3d')).toEqual({ kind: 'query', id: 5 });
});

test.each([
  '/thumb/0',
  '/thumb/-1',
  '/thumb/1.5',
  '/thumb/../1',
  '/image/',
  '/query/0',
  '/image/99999999999999999999',
  '/assets/1',
])('%s is no picture', (path) => {
  expect(parse(path)).toBeNull();
});
