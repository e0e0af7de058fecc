import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caseEvents, makeReportInput } from '../../../testing/case-file.ts';
import { encodeZip } from '../../../testing/zip-writer.ts';
import type { VerifiedPart } from '../../contract/reports-service.ts';
import { chainEvents } from '../exporting/event-chain.ts';
import { makeBundle } from './bundle.ts';
import { encodeBundle } from './bundle-zip.ts';
import { writeChecksums } from './checksums.ts';
import { readBundleBytes } from './read-bundle.ts';
import type { ReportInput } from './report-input.ts';
import { signBytes } from './signing.ts';
import { passed, summariseParts } from './verification.ts';
import { checkBundle } from './verify-bundle.ts';

let home: string;
let input: ReportInput;
let zip: Uint8Array;
let files: ReadonlyMap<string, Uint8Array>;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'whence-bundle-'));
  input = await makeReportInput();
  zip = makeBundle(input, home).zip;
  files = (await read(zip)).files;
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function read(bytes: Uint8Array): ReturnType<typeof readBundleBytes> {
  return readBundleBytes('bundle.zip', Uint8Array.from(bytes));
}

/** All that does not pass. */
async function faults(bytes: Uint8Array): Promise<VerifiedPart[]> {
  const { parts } = checkBundle(await read(bytes));
  return parts.filter(({ result }) => result !== 'pass' && result !== 'not-checked');
}

/** The bundle with these files in the place of its own; `resummed`: with sums to match, as a forger would. */
function changedBundle(changes: Readonly<Record<string, string | null>>, resummed = false): Uint8Array {
  const changed = new Map(files);
  for (const [name, text] of Object.entries(changes))
    if (text === null) changed.delete(name);
    else changed.set(name, Buffer.from(text));
  if (resummed) {
    changed.delete('SHA256SUMS.sig');
    changed.delete('SHA256SUMS');
    changed.set('SHA256SUMS', Buffer.from(writeChecksums(changed)));
  }
  return encodeBundle(changed);
}

const lines = (): string[] => Buffer.from(files.get('events.jsonl')!).toString().trimEnd().split('\n');

describe('a bundle as it was written', () => {
  it('passes, whole and signed', async () => {
    const checked = checkBundle(await read(zip));
    expect(checked.parts.filter(({ result }) => result !== 'pass')).toEqual([]);
    expect(passed(checked.parts)).toBe(true);
    expect(checked.signedBy).toBe(signBytes(home, new Uint8Array()).key.fingerprint);
    expect(summariseParts(checked.parts).map(({ kind }) => kind)).toEqual([
      'bundle-file',
      'chain',
      'signature',
    ]);
  });

  it('is the same bytes each time', () => {
    expect(Buffer.compare(makeBundle(input, home).zip, zip)).toBe(0);
  });

  it('may be unsigned, which is said', async () => {
    const { parts, signedBy } = checkBundle(await read(makeBundle(input, null).zip));
    expect(signedBy).toBeNull();
    expect(parts.find(({ kind }) => kind === 'signature')?.result).toBe('not-checked');
    expect(passed(parts)).toBe(true);
  });

  it('is checked by sha256sum, and its chain by hand, as README.txt says', () => {
    const folder = join(home, 'unpacked');
    for (const [name, bytes] of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), bytes);
    }
    expect(execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' })).not.toContain(
      'FAILED',
    );
    const [first, second] = lines();
    const hash = createHash('sha256')
      .update(first!.replace(/,"hash":"[^"]*"/, ''))
      .digest('hex');
    expect(first).toContain(`"hash":"${hash}"`);
    expect(second).toContain(`"previous":"${hash}"`);
  });

  it('keeps the signing key for its owner alone', () => {
    expect(statSync(join(home, 'signing-key.pem')).mode & 0o777).toBe(0o600);
    chmodSync(join(home, 'signing-key.pem'), 0o600);
    expect(readFileSync(join(home, 'signing-key.pem'), 'utf8')).toContain('PRIVATE KEY');
    expect(Buffer.from(zip).includes('PRIVATE KEY')).toBe(false);
  });
});

describe('one byte changed', () => {
  it('anywhere in the zip does not pass, and in a file it is the file that is named', async () => {
    for (const [name, content] of files) {
      const start = Buffer.from(zip).indexOf(Buffer.concat([Buffer.from(name), content])) + name.length;
      for (const at of new Set([0, content.length >> 1, content.length - 1])) {
        const bad = Uint8Array.from(zip);
        bad[start + at]! ^= 1;
        const found = await faults(bad);
        expect(found.map((part) => part.name).join(' '), `${name} at ${at}`).toContain(
          name === 'SHA256SUMS' ? 'SHA256SUMS' : name,
        );
      }
    }
  }, 120_000);

  it('in a name, a header or the directory', async () => {
    const step = Math.max(1, Math.floor(zip.length / 16));
    const directory = Buffer.from(zip).indexOf(Buffer.from('PK\x01\x02', 'latin1'));
    const places = [
      ...Array.from({ length: 16 }, (_, index) => index * 2),
      ...range(0, zip.length, step),
      ...range(directory, zip.length, 61),
    ];
    for (const at of places) {
      const bad = Uint8Array.from(zip);
      bad[at]! ^= 0x20;
      expect((await faults(bad)).length, `byte ${at}`).toBeGreaterThan(0);
    }
  }, 120_000);
});

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);
}

describe('an event', () => {
  const bundled = (changed: readonly string[]): Uint8Array =>
    changedBundle({ 'events.jsonl': changed.map((line) => `${line}\n`).join('') }, true);

  it('that was edited, left out, put in or moved is named', async () => {
    for (const [index, line] of lines().entries()) {
      const edited = lines().with(index, line.replace('Ada', 'Eve'));
      expect((await faults(bundled(edited)))[0]).toMatchObject({
        kind: 'event',
        name: `event ${index + 1}`,
        result: 'changed',
      });
      const shorter = lines().toSpliced(index, 1);
      expect((await faults(bundled(shorter)))[0]).toMatchObject({
        kind: 'event',
        name: `event ${index + 1}`,
        result: 'missing',
      });
      const longer = lines().toSpliced(index, 0, line);
      expect((await faults(bundled(longer)))[0]).toMatchObject({ kind: 'event', result: 'added' });
      if (index === 0) continue;
      const swapped = lines()
        .with(index, lines()[index - 1]!)
        .with(index - 1, line);
      expect((await faults(bundled(swapped)))[0]).toMatchObject({ kind: 'event', name: `event ${index}` });
    }
  });

  it('that was replaced with all hashes made anew does not lead to the hash that config.json states', async () => {
    const { lines: forged } = chainEvents(caseEvents.map((event) => ({ ...event, reviewer: 'Eve' })));
    expect((await faults(bundled(forged)))[0]).toMatchObject({ kind: 'event', result: 'changed' });
  });
});

describe('a bundle of a stranger', () => {
  it.each([
    ['no zip', Buffer.from('hello')],
    ['an empty file', Buffer.alloc(0)],
    ['a name that leads out', encodeZip({ '../evil': 'x', 'report.html': 'y' })],
    ['a link', encodeZip({ link: { bytes: '/etc/passwd', mode: 0o120777 } })],
    ['two files of one name', Buffer.concat([encodeZip({ a: 'x' })])],
    ['a bomb', encodeZip({ bomb: { bytes: Buffer.alloc(100), claimedBytes: 2 ** 31 } })],
  ])('%s: refused by name', async (_, bytes) => {
    const found = await faults(bytes);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(({ detail }) => detail.length > 10)).toBe(true);
  });

  it('with a file too many, a file too few, or a hidden one', async () => {
    expect(await faults(changedBundle({ 'more.txt': 'x' }))).toMatchObject([
      { name: 'more.txt', result: 'added' },
    ]);
    expect(await faults(changedBundle({ 'case.json': null }))).toMatchObject([
      { name: 'case.json', result: 'missing' },
    ]);
    expect((await faults(changedBundle({ '.hidden': 'x' }))).length).toBeGreaterThan(0);
  });

  it('whose signature is of another key or of other sums', async () => {
    const other = signBytes(join(home, 'other'), files.get('SHA256SUMS')!);
    expect(await faults(changedBundle({ 'SHA256SUMS.sig': other.signature }))).toMatchObject([
      { kind: 'signature', result: 'changed' },
    ]);
    expect(await faults(changedBundle({ 'SHA256SUMS.sig': null }))).toMatchObject([
      { kind: 'signature', result: 'missing' },
    ]);
  });

  it('that was packed by another program is told from the one that was written', async () => {
    const repacked = encodeZip(Object.fromEntries(files));
    expect((await faults(repacked)).map(({ detail }) => detail).join()).toContain(
      'The zip is not the one that its files make',
    );
  });
});
