/** @file One byte changed in every file of a bundle, every byte of what lies around the files, and every event edited, left out, put in or moved: does verify name it? */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VerifiedPart } from '../src/contract/reports-service.ts';
import { encodeBundle, type BundleFiles } from '../src/engine/reporting/bundle-zip.ts';
import { writeChecksums } from '../src/engine/reporting/checksums.ts';
import { readBundleBytes } from '../src/engine/reporting/read-bundle.ts';
import { passed } from '../src/engine/reporting/verification.ts';
import { checkBundle } from '../src/engine/reporting/verify-bundle.ts';
import { makeRealCase } from '../testing/real-case.ts';
import type { BenchOptions, BenchResult } from './bench.ts';

/** Changes of each file; every byte of smaller ones. */
const PLACES = 64;
const QUICK_PLACES = 3;

interface Tally {
  readonly name: string;
  changes: number;
  /** Did not pass, and what was changed is named. */
  named: number;
  noticed: number;
}

export async function run({ quick }: BenchOptions): Promise<BenchResult> {
  const made = await makeRealCase();
  try {
    const path = join(made.home, 'bundle.zip');
    await made.client.reports.write({ caseId: made.caseId, form: 'bundle', path, sign: true });
    const zip = Uint8Array.from(readFileSync(path));
    const { files } = await readBundleBytes('bundle.zip', zip);
    const bench = new BundleBench();
    const tallies = [
      await changeContents(bench, zip, files, quick ? QUICK_PLACES : PLACES),
      await changeSurroundings(bench, zip, files, quick ? 50 : 1),
      ...(await changeEvents(bench, files)),
    ];
    return result(tallies, files.size, await bench.faults(zip));
  } finally {
    await made.remove();
  }
}

class BundleBench {
  async faults(bytes: Uint8Array): Promise<VerifiedPart[]> {
    const { parts } = checkBundle(await readBundleBytes('bundle.zip', Uint8Array.from(bytes)));
    return parts.filter((part) => !passed([part]));
  }

  async count(
    tally: Tally,
    bytes: Uint8Array,
    isNamed: (faults: readonly VerifiedPart[]) => boolean,
  ): Promise<void> {
    const faults = await this.faults(bytes);
    tally.changes++;
    if (faults.length > 0) tally.noticed++;
    if (isNamed(faults)) tally.named++;
    else process.stderr.write(`${tally.name}: ${JSON.stringify(faults.slice(0, 2))}\n`);
  }
}

function startTally(name: string): Tally {
  return { name, changes: 0, named: 0, noticed: 0 };
}

async function changeContents(
  bench: BundleBench,
  zip: Uint8Array,
  files: BundleFiles,
  places: number,
): Promise<Tally> {
  const tally = startTally('a byte of a file');
  for (const [name, start] of contentStarts(zip, files)) {
    const { length } = files.get(name)!;
    const step = Math.max(1, Math.floor((length - 1) / (places - 1)));
    for (let at = 0; at < length; at += step)
      await bench.count(tally, flipped(zip, start + at), (faults) =>
        faults.some((fault) => namesFile(fault, name)),
      );
  }
  return tally;
}

/** The signature is told by its own part. */
function namesFile({ name, kind }: VerifiedPart, file: string): boolean {
  return name === file || (file === 'signing-key.pem' && kind === 'signature');
}

/** Names, headers, directory: all that is no content. */
async function changeSurroundings(
  bench: BundleBench,
  zip: Uint8Array,
  files: BundleFiles,
  step: number,
): Promise<Tally> {
  const tally = startTally('a byte around the files (names, headers, directory)');
  const isContent = new Uint8Array(zip.length);
  for (const [name, start] of contentStarts(zip, files))
    isContent.fill(1, start, start + files.get(name)!.length);
  const around = [...zip.keys()].filter((at) => isContent[at] === 0);
  for (let index = 0; index < around.length; index += step)
    await bench.count(tally, flipped(zip, around[index]!), (faults) => faults.length > 0);
  return tally;
}

/** The sums are made anew and the signature taken away, as a forger would: the chain alone has to tell. */
async function changeEvents(bench: BundleBench, files: BundleFiles): Promise<Tally[]> {
  const lines = Buffer.from(files.get('events.jsonl')!).toString().trimEnd().split('\n');
  const [edited, dropped, added, swapped] = [
    'an event edited',
    'an event left out',
    'an event put in twice',
    'two events swapped',
  ].map(startTally) as [Tally, Tally, Tally, Tally];
  const count = (tally: Tally, changed: readonly string[], name: string): Promise<void> =>
    bench.count(tally, forged(files, changed), (faults) =>
      faults.some((fault) => fault.kind === 'event' && fault.name === name),
    );
  for (const [index, line] of lines.entries()) {
    for (let at = 1; at < line.length; at += Math.ceil(line.length / 8))
      await count(
        edited,
        lines.with(index, `${line.slice(0, at)}~${line.slice(at + 1)}`),
        `event ${index + 1}`,
      );
    await count(dropped, lines.toSpliced(index, 1), `event ${index + 1}`);
    await count(added, lines.toSpliced(index, 0, line), `event ${index + 2}`);
    if (index > 0)
      await count(swapped, lines.with(index - 1, line).with(index, lines[index - 1]!), `event ${index}`);
  }
  return [edited, dropped, added, swapped];
}

function forged(files: BundleFiles, lines: readonly string[]): Uint8Array {
  const changed = new Map(files).set('events.jsonl', Buffer.from(lines.map((line) => `${line}\n`).join('')));
  for (const name of ['SHA256SUMS', 'SHA256SUMS.sig', 'signing-key.pem']) changed.delete(name);
  changed.set('SHA256SUMS', Buffer.from(writeChecksums(changed)));
  return encodeBundle(changed);
}

/** Where the content of each file begins: behind its header, which ends with its name. */
function contentStarts(zip: Uint8Array, files: BundleFiles): [string, number][] {
  const view = Buffer.from(zip);
  return Array.from(files, ([name, content]) => [
    name,
    view.indexOf(Buffer.concat([Buffer.from(name), content])) + Buffer.byteLength(name),
  ]);
}

function flipped(zip: Uint8Array, at: number): Uint8Array {
  return zip.with(at, zip[at]! ^ 1);
}

function result(tallies: readonly Tally[], files: number, untouched: readonly VerifiedPart[]): BenchResult {
  const sum = (key: 'changes' | 'named' | 'noticed'): number =>
    tallies.reduce((total, tally) => total + tally[key], 0);
  return {
    figures: {
      files,
      changes: sum('changes'),
      missed: sum('changes') - sum('noticed'),
      unnamed: sum('changes') - sum('named'),
      faultsUntouched: untouched.length,
    },
    goals: { missed: { atMost: 0 }, unnamed: { atMost: 0 }, faultsUntouched: { atMost: 0 } },
    table: [
      ['changed', 'changes', 'noticed', 'named'],
      ...tallies.map(({ name, changes, noticed, named }) => [
        name,
        String(changes),
        String(noticed),
        String(named),
      ]),
    ],
  };
}
