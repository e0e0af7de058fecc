import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnswer, runWords, useHome } from '../../../testing/command-line.ts';
import { tinyTraining } from '../../../testing/generative-project.ts';
import { makeRealCase, realNames, type RealCase } from '../../../testing/real-case.ts';
import type { CaseFile } from '../../contract/cases-service.ts';
import type { Verification, VerifiedPart } from '../../contract/reports-service.ts';
import type { CaseId, RunId } from '../../contract/vocabulary.ts';
import { encodeBundle } from './bundle-zip.ts';
import { writeChecksums } from './checksums.ts';
import { readBundle } from './read-bundle.ts';

let made: RealCase;
let client: RealCase['client'];
let caseId: CaseId;
let home: string;
let bundle: string;
let leaveHome: () => void;
beforeAll(async () => {
  made = await makeRealCase();
  ({ client, caseId, home } = made);
  leaveHome = useHome(home);
  bundle = join(home, 'bundle.zip');
}, 300_000);
afterAll(async () => {
  leaveHome();
  await made.remove();
});

const words = (...given: string[]) => [...given, '--project', made.project.path];

describe('a report of a real case', () => {
  it('is shown, and written alike but for its time', async () => {
    const { html, draft } = await client.reports.preview({ caseId });
    expect(draft).toBe(true);
    for (const text of [
      'Diffuse / not attributed',
      realNames.group,
      'Exhibit 1',
      'ddpm-tiny',
      'whence groups attribute',
      'Step 1: In the manifest',
      'are the same image',
    ])
      expect(html).toContain(text);
    const mask = (text: string): string => text.replace(/<!--written-->[\s\S]*?<!--\/written-->/, '');
    expect(mask((await client.reports.preview({ caseId })).html)).toBe(mask(html));
  });

  it('blurs what is redacted, so that it cannot be made out', async () => {
    await client.reports.write({ caseId, form: 'bundle', path: bundle });
    const { files } = await readBundle(bundle);
    const [shown] = [...files].filter(([name]) => name.startsWith('exhibits/001-training-image'));
    const blurred = await sharp(shown![1]).removeAlpha().greyscale().raw().toBuffer();
    const original = await sharp(made.sampleFile).removeAlpha().greyscale().raw().toBuffer();
    expect(blurred.length).toBe(original.length);
    expect(Math.max(...blurred.map((value, index) => Math.abs(value - original[index]!)))).toBeGreaterThan(
      20,
    );
    expect(Buffer.from(files.get('report.html')!).toString()).not.toContain(
      readFileSync(made.sampleFile).toString('base64'),
    );
  });

  it('is checked against the project: image by image, model by model, event by event', async () => {
    const checked = await client.reports.verify({ path: bundle, withProject: true });
    expect(checked.parts.filter(({ result }) => result !== 'pass' && result !== 'not-checked')).toEqual([]);
    expect(new Set(checked.parts.map(({ kind }) => kind))).toEqual(
      new Set(['bundle-file', 'chain', 'signature', 'source-file', 'query-file', 'model-file', 'event']),
    );
    await client.cases.note({ caseId, text: 'Later.' });
    const later = await client.reports.verify({ path: bundle, withProject: true });
    expect(later.passed).toBe(true);
    expect(later.parts.find(({ kind }) => kind === 'event')?.detail).toContain('1 were added since');
  });

  it('names a training image, a model file and a query that changed since', async () => {
    const image = made.sampleFile;
    const model = join(
      made.project.path,
      'models',
      readdirSync(join(made.project.path, 'models')).sort()[0]!,
    );
    const before = readFileSync(image);
    appendFileSync(image, 'x');
    const modelFile = join(
      model,
      readdirSync(model).find((name) => name.endsWith('.f32'))!,
    );
    const weights = readFileSync(modelFile);
    writeFileSync(modelFile, weights.with(weights.length - 1, weights.at(-1)! ^ 1));
    const { passed, parts } = await client.reports.verify({ path: bundle, withProject: true });
    writeFileSync(image, before);
    writeFileSync(modelFile, weights);
    expect(passed).toBe(false);
    const changed = parts
      .filter(({ result }) => result === 'changed')
      .map(({ kind, name }) => `${kind} ${name}`);
    expect(changed.length).toBe(2);
    expect(changed.join('\n')).toMatch(
      /source-file .*zanthe_quillfeather[\s\S]*model-file model 1: models\//,
    );
  });
});

describe('code names', () => {
  it('stand in every byte that leaves the house in the place of names, and the key says whose they are', async () => {
    await client.cases.change({ caseId, codeNames: true });
    const coded = join(home, 'coded.zip');
    await expect(client.reports.write({ caseId, form: 'bundle', path: coded })).rejects.toThrow(/--key/);
    const keyPath = join(home, 'key.json');
    await client.reports.write({ caseId, form: 'bundle', path: coded, keyPath, sign: true });
    const htmlPath = join(home, 'coded.html');
    await client.reports.write({
      caseId,
      form: 'html',
      path: htmlPath,
      keyPath: join(home, 'html-key.json'),
    });
    for (const file of [coded, htmlPath]) {
      const bytes = readFileSync(file).toString('latin1').toLowerCase();
      for (const name of ['quillfeather', 'zanthe', 'vermilion', 'marsh']) expect(bytes).not.toContain(name);
    }
    expect(readFileSync(htmlPath, 'utf8')).toMatch(/G1[\s\S]*R1/);
    expect(JSON.parse(readFileSync(keyPath, 'utf8'))).toMatchObject({
      codes: [
        { code: 'G1', names: [realNames.group] },
        { code: 'R1', names: [realNames.holder] },
      ],
    });
    const checked = await client.reports.verify({ path: coded, withProject: true });
    expect(checked.parts.filter(({ result }) => !['pass', 'not-checked'].includes(result))).toEqual([]);
    expect(checked.signedBy).toBe((await client.reports.publicKey())!.fingerprint);
    await client.cases.change({ caseId, codeNames: false });
  });
});

describe('on the command line, what was unlearned and trained again', () => {
  const small = { controls: 1, timestepCount: 2 };

  /** A bundle of a case of two runs over all that was there then: by unlearning, and by training without each group. */
  async function writeRemovals(path: string): Promise<CaseFile> {
    const { cases, reports } = client;
    const unlearned = { ...small, method: 'guda', steps: 2, batchSize: 4, neighbours: 3 };
    const runs = {
      groups: await made.project.runHere({ kind: 'attribute-groups', config: unlearned }),
      removal: await made.project.runHere({ kind: 'attribute-groups', config: { ...small, method: 'logo' } }),
    };
    const id = await cases.open({ name: 'Removals', question: 'Whose?' });
    await cases.change({ caseId: id, queryIds: [...made.project.queryIds] });
    await cases.linkRun({ caseId: id, check: 'groups', runId: runs.groups.id });
    await cases.linkRun({ caseId: id, check: 'removal', runId: runs.removal.id });
    await reports.write({ caseId: id, form: 'bundle', path });
    return cases.read({ caseId: id });
  }

  /** What a person did since: 'the newest model' and 'all groups' mean others now. */
  async function goOn(): Promise<void> {
    await made.project.runHere({ kind: 'train-denoiser', config: { ...tinyTraining, seed: 7 } });
    await client.groups.defineEach({ by: 'class' });
  }

  /** The bundle with another score of the run's first group, and hashes to match. */
  async function forge(path: string, runId: RunId): Promise<void> {
    const files = new Map((await readBundle(path)).files);
    const table = Buffer.from(files.get('scores/groups.csv')!).toString();
    const [whole, start, raw] = new RegExp(`^(${runId},(?:[^,]*,){5})([^,]*)`, 'm').exec(table)!;
    files.set('scores/groups.csv', Buffer.from(table.replace(whole, `${start}${Number(raw) * 1.5}`)));
    files.delete('SHA256SUMS');
    files.set('SHA256SUMS', Buffer.from(writeChecksums(files)));
    writeFileSync(path, encodeBundle(files));
  }

  async function rerun(path: string): Promise<readonly [number, VerifiedPart[]]> {
    const { code, out } = await runWords(words('verify', path, '--rerun', '--json'));
    const { verification } = JSON.parse(out) as { verification: Verification };
    return [code, verification.parts.filter(({ kind }) => kind === 'rerun')];
  }

  it('is done again by --rerun with the model and the groups of then, and a changed figure is noticed', async () => {
    const path = join(home, 'removals.zip');
    const { shares } = await writeRemovals(path);
    expect(shares.map(({ step }) => step)).toEqual(['influence', 'removal']);
    await goOn();
    const [code, again] = await rerun(path);
    expect([code, ...again.map(({ result }) => result)], JSON.stringify(again)).toEqual([0, 'pass', 'pass']);
    await forge(path, shares[1]!.runId);
    const [forgedCode, [unlearned, trainedAgain]] = await rerun(path);
    expect([forgedCode, unlearned!.result, trainedAgain!.result]).toEqual([1, 'pass', 'changed']);
  }, 120_000);
});

describe('on the command line', () => {
  it('writes a report, checks it, and does its runs again', async () => {
    await client.projects.close();
    const [html, zip] = [join(home, 'cli.html'), join(home, 'cli.zip')];
    const written = await runWords(
      words('case', 'report', String(caseId), '--html', html, '--bundle', zip, '--sign'),
    );
    expect(written).toMatchObject({ code: 0 });
    expect(written.out).toContain('Draft written to');
    const { verification } = await readAnswer<{ verification: Verification }>(
      runWords(words('verify', zip, '--rerun', '--json')),
    );
    expect(verification.parts.filter(({ kind }) => kind === 'rerun').map(({ result }) => result)).toEqual([
      'pass',
      'pass',
      'pass',
    ]);
    const bad = readFileSync(zip);
    bad[bad.indexOf('"format"') + 2]! ^= 1;
    writeFileSync(zip, bad);
    const refused = await runWords(['verify', zip]);
    expect(refused.code).toBe(1);
    expect(refused.out).toMatch(/changed +bundle-file +config\.json[\s\S]*NOT passed/);
    expect((await runWords(words('case', 'report', String(caseId)))).code).toBe(2);
    const pdf = await runWords(words('case', 'report', String(caseId), '--pdf', join(home, 'x.pdf')));
    expect(pdf.err).toContain('A PDF is made by the window');
    expect((await runWords(['verify', join(home, 'nothing.zip')])).err).toContain('there is no such file');
  }, 300_000);
});
