import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pageFile } from './page-file.ts';

const folder = path.resolve('/app/renderer');

test('the root is the page itself', () => {
  expect(pageFile(folder, '/')).toBe(path.join(folder, 'index.html'));
  expect(pageFile(folder, '/assets/a%20b.js')).toBe(path.join(folder, 'assets/a b.js'));
});

test.each(['/..%2f..%2fetc/passwd', '/%2e%2e/secret', '/../secret', '/%00', '/%E0%A4%A'])(
  '%s stays inside or is refused',
  (address) => {
    const file = pageFile(folder, address);
    expect(file === null || file.startsWith(folder + path.sep)).toBe(true);
  },
);

test('no address leads out of the folder', () => {
  const part = fc.constantFrom('..', '.', '%2e%2e', '%2f', '%5c', '/', '\\', 'a', '%00');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const file = pageFile(folder, `/${parts.join('')}`);
      expect(file === null || file.startsWith(folder + path.sep)).toBe(true);
    }),
  );
});
