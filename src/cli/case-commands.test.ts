import { mkdirSync, mkdtempSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnswer, runWords, useHome } from '../../testing/command-line.ts';
import { drawShapes } from '../../testing/shape-images.ts';
import { Random } from '../core/base/random.ts';
import type { CaseFile } from '../contract/cases-service.ts';

/**
 * Planted ground truth: of five hands (a bright bar, each in its own place) one drew half of the training images, and one image of another hand is there several times. Asked
 * about: a changed copy of that image, a new image of the first hand, and a pattern unlike any image.
 */
const SIZE = 16;
const HANDS = 5;
const COPIES = 4;
const OVER_REPRESENTED = 24;
const OTHERS = 6;

let home: string;
let leaveHome: () => void;

const whence = (...words: string[]) => runWords([...words, '--project', path.join(home, 'planted.whence')]);
const ask = <Answer>(...words: string[]) => readAnswer<Answer>(whence(...words, '--json'));
const words = (text: string): string[] => text.split(' ');
const inHome = (name: string): string => path.join(home, name);

async function write(pixels: Uint8Array, name: string): Promise<void> {
  mkdirSync(path.dirname(inHome(name)), { recursive: true });
  const image = sharp(pixels, { raw: { width: SIZE, height: SIZE, channels: 1 } });
  await image.toColourspace('b-w').png().toFile(inHome(name));
}

/** Images of every hand in turn. */
function drawn(count: number, seed: number): Uint8Array[] {
  const { bytes } = drawShapes({ count: count * HANDS, classCount: HANDS, size: SIZE, seed });
  return Array.from({ length: count * HANDS }, (_, image) =>
    bytes.subarray(image * SIZE ** 2, (image + 1) * SIZE ** 2),
  );
}

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'whence-case-'));
  leaveHome = useHome(inHome('home'));
  const images = drawn(OVER_REPRESENTED, 1);
  for (const [index, pixels] of images.entries()) {
    const [hand, number] = [index % HANDS, Math.floor(index / HANDS)];
    if (hand === 0 || number < OTHERS) await write(pixels, `set/train/hand-${hand}/${number}.png`);
    if (hand === 2 && number === 0)
      for (let copy = 0; copy < COPIES; copy++) await write(pixels, `set/train/hand-2/copy-${copy}.png`);
  }
  for (const [index, pixels] of drawn(2, 2).entries())
    await write(pixels, `set/test/hand-${index % HANDS}/${index}.png`);
  await write(drawn(1, 3)[0]!, 'style.png');
  const random = new Random(4, 'unrelated');
  const levels = Array.from({ length: 16 }, () => random.integer(256));
  await write(
    Uint8Array.from(
      { length: SIZE ** 2 },
      (_, at) => levels[4 * Math.floor(at / SIZE / 4) + Math.floor((at % SIZE) / 4)]!,
    ),
    'unrelated.png',
  );
  await sharp(inHome('set/train/hand-2/0.png')).flop().png().toFile(inHome('copy.png'));
  await ask('import', inHome('set'));
  await ask(
    ...words(
      'train --architecture ddpm-tiny --image-size 8 --steps 150 --batch-size 16 --timesteps 100 --learning-rate 0.002',
    ),
  );
  await ask(...words('groups define --by class'));
  await ask('queries', 'add', inHome('copy.png'), inHome('style.png'), inHome('unrelated.png'));
}, 120_000);
afterAll(() => {
  leaveHome();
  rmSync(home, { recursive: true, force: true });
});

const [COPY, STYLE, UNRELATED] = [1, 2, 3];
const read = async (): Promise<CaseFile> => (await ask<{ case: CaseFile }>('case', 'show', '1')).case;

describe('whence case, on a planted truth', () => {
  it('opens a case with its queries, model, groups and manifest', async () => {
    const opened = await ask(...words('case open Bars --question Whose? --queries 1,2,3 --models 1'));
    expect(opened).toEqual({ caseId: 1 });
    await ask(...words('case rights 1 --groups 1,2,3,4,5'));
    await ask(...words('case rights 1 --groups 1 --holder Ada --opt-out opted-out'));
    await ask('case', 'manifest', '1');
    await ask('case', 'answer', '1', 'training-set', 'yes', '--by', 'Bo, archive', '--basis', 'letter');
    const file = await read();
    expect(file).toMatchObject({
      queryIds: [1, 2, 3],
      modelIds: [1],
      manifest: { imageCount: 52, unchanged: true },
    });
    expect(file.groups.map(({ rightsHolder }) => rightsHolder)).toEqual(['Ada', '', '', '', '']);
    expect((await whence('case', 'list')).out).toMatch(/1 +Bars +open +3 +0 +not all run/);
  });

  it('finds the near-copy first, among all of its copies', async () => {
    const { case: file } = await ask<{ case: CaseFile }>(...words('case check copies 1 --aligned 10'));
    const near = file.findings.filter(({ step }) => step === 'near-copy');
    expect(new Set(near.map(({ queryId }) => queryId))).toEqual(new Set([COPY]));
    expect(near).toHaveLength(1 + COPIES);
    expect(
      near.every(({ supported }) => supported),
      JSON.stringify(file.controls),
    ).toBe(true);
  });

  it('finds the hand that drew too much above what random groups get, and says diffuse of the pattern', async () => {
    const { case: file } = await ask<{ case: CaseFile }>(
      ...words('case check groups 1 --method d-trak-sum --controls 24 --timestep-count 6'),
    );
    const [shares] = file.shares;
    const verdicts = shares!.queries.map(({ queryId, verdict }) => [queryId, verdict]);
    expect(verdicts, JSON.stringify(shares)).toContainEqual([STYLE, 'attributed']);
    expect(verdicts).toContainEqual([UNRELATED, 'diffuse']);
    const found = file.findings.filter(({ groupId, queryId }) => groupId !== null && queryId === STYLE);
    expect(found.map(({ groupId, step }) => [groupId, step])).toContainEqual([1, 'influence']);
    expect((await whence('case', 'show', '1')).out).toContain('Query 3: diffuse, not attributed');
  });

  it('estimates influence by two methods beside control images', async () => {
    const { case: file } = await ask<{ case: CaseFile }>(
      ...words('case check influence 1 --controls 4 --projection-size 256 --timestep-count 4'),
    );
    expect(file.influence.map(({ method }) => method)).toEqual(['d-trak', 'das']);
    expect(file.agreement).toHaveLength(3);
    const [first] = file.influence[0]!.queries[0]!.proponents;
    expect(first!.nullPercentile).not.toBeNull();
    expect(first!.percentile).toBeGreaterThan(0.9);
    const controls = file.controls.filter(({ check }) => check === 'influence');
    expect(controls.map(({ met }) => met)).not.toContain(null);
    expect(controls.find(({ name }) => name === 'known-training-image')!.met, JSON.stringify(controls)).toBe(
      true,
    );
  });

  it('takes exhibits, blind judgements, notes and a decision, and nothing once it is closed', async () => {
    const { findings } = await read();
    const near = findings.find(({ step }) => step === 'near-copy')!;
    await ask(...words(`case exhibit 1 --query 1 --sample ${near.sampleId!} --caption Mirrored`));
    await ask(...words('case exhibit 1 --query 2 --group 1'));
    await ask(...words('case exhibit 1 --withdraw 2 --reason twice'));
    await ask(...words('case exhibit 1 --redact 1'));
    await ask(...words('case judge 1 1 same-image --note mirrored'));
    await ask(...words(`case difference 1 1 ${near.sampleId!} --out ${inHome('difference.png')}`));
    expect(existsSync(inHome('difference.png'))).toBe(true);
    await ask('case', 'note', '1', 'The mirror image is the same.');
    await ask('case', 'decide', '1', 'A near-copy of a training image.');
    await ask('case', 'close', '1');
    const { code, err } = await whence('case', 'note', '1', 'late');
    expect([code, err]).toEqual([expect.any(Number), expect.stringContaining('closed')]);
    const file = await read();
    expect(file.exhibits).toMatchObject([
      { number: 1, step: 'near-copy', redacted: true, judgements: [{ verdict: 'same-image', blind: true }] },
    ]);
    expect(file).toMatchObject({ status: 'closed', decision: { text: 'A near-copy of a training image.' } });
  });

  it('calls its checks outdated once the training images changed', async () => {
    await write(drawn(1, 9)[0]!, 'set/train/hand-0/late.png');
    await ask('import', inHome('set'));
    const file = await read();
    expect(file.runs.every(({ outdated }) => outdated)).toBe(true);
    expect(file).toMatchObject({ manifest: { unchanged: false }, controlsMet: null });
    expect(file.findings.some(({ supported }) => supported)).toBe(false);
  });
});
