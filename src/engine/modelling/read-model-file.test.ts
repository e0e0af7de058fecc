import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { externalModel, type ExternalClaim } from '../../../testing/external-model.ts';
import { AppError } from '../../core/base/app-error.ts';
import { readModelFile } from './read-model-file.ts';

const root = fs.mkdtempSync(path.join(tmpdir(), 'whence-models-'));
const folder = path.join(root, 'model');
const INSIDE = 1;
const OUTSIDE = 2;

/** Reads a model in `folder` that makes these claims, as the first tensor's elements. */
function readClaims(...claims: readonly ExternalClaim[]): number[] {
  const file = path.join(folder, 'model.onnx');
  fs.writeFileSync(file, externalModel(claims));
  return Array.from(readModelFile(file).initializers.get('w0')!.data, Number);
}

function refusal(...claims: readonly ExternalClaim[]): string {
  try {
    readClaims(...claims);
  } catch (error) {
    if (error instanceof AppError && error.code === 'model-external-data') return error.message;
    throw error;
  }
  throw new Error('it was read');
}

beforeAll(() => {
  fs.mkdirSync(path.join(folder, 'sub'), { recursive: true });
  fs.mkdirSync(path.join(root, 'model-2'));
  for (const name of ['weights.bin', 'sub/weights.bin'])
    fs.writeFileSync(path.join(folder, name), bytes(INSIDE));
  for (const name of ['secret.bin', 'model-2/secret.bin'])
    fs.writeFileSync(path.join(root, name), bytes(OUTSIDE));
  fs.symlinkSync('../secret.bin', path.join(folder, 'link-out'));
  fs.symlinkSync('weights.bin', path.join(folder, 'link-in'));
  fs.symlinkSync('..', path.join(folder, 'up'));
  fs.symlinkSync('../model-2', path.join(folder, 'beside'));
  fs.symlinkSync('/dev/zero', path.join(folder, 'zero'));
  fs.symlinkSync('round', path.join(folder, 'round'));
});
afterAll(() => fs.rmSync(root, { recursive: true }));

const bytes = (value: number): Uint8Array => new Uint8Array(16).fill(value);

describe('model files with external data', () => {
  it('are read with the data beside them, in folders below, and through links that stay', () => {
    for (const location of [
      'weights.bin',
      './weights.bin',
      'sub/weights.bin',
      'sub\\weights.bin',
      'link-in',
    ]) {
      expect(readClaims({ location })).toEqual([1, 1, 1, 1]);
    }
    expect(readClaims({ location: 'weights.bin', offset: '12', length: '4' })).toEqual([1, 1, 1, 1]);
  });

  it('share bytes that two tensors name', () => {
    const claim = { location: 'weights.bin', shape: [16] };
    expect(readClaims(claim, claim)).toHaveLength(16);
  });

  it('are refused with a reason where a path leads out', () => {
    expect(refusal({ location: '/etc/passwd' })).toContain('absolute path');
    expect(refusal({ location: 'C:\\secret.bin' })).toContain('absolute path');
    expect(refusal({ location: '../secret.bin' })).toContain('leads out of its folder');
    expect(refusal({ location: 'sub/../../secret.bin' })).toContain('leads out of its folder');
    expect(refusal({ location: 'link-out' })).toContain('a link that leads out');
    expect(refusal({ location: 'up/secret.bin' })).toContain('a link that leads out');
    expect(refusal({ location: 'beside/secret.bin' })).toContain('a link that leads out');
    expect(refusal({ location: 'zero' })).toContain('a link that leads out');
    expect(refusal({})).toContain('does not say which file');
    expect(refusal({ location: 'absent.bin' })).toContain('no such file');
    expect(refusal({ location: 'round' })).toContain('no such file');
    expect(refusal({ location: 'weights.bin\0' })).toContain('no such file');
    expect(refusal({ location: 'sub' })).toContain('not a regular file');
  });

  it.skipIf(process.platform === 'win32')('are refused, not waited for, where the file is a pipe', () => {
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    expect(refusal({ location: 'pipe' })).toContain('not a regular file');
  });

  it('are refused before anything is allocated where the lengths cannot be', () => {
    const location = 'weights.bin';
    expect(refusal({ location, shape: [2 ** 40] })).toContain('it holds 16 bytes');
    expect(refusal({ location, offset: '13' })).toContain('it holds 16 bytes');
    expect(refusal({ location, shape: [12] }, { location, offset: '4', shape: [12] })).toContain('overlap');
    expect(() => readClaims({ location, length: '5' })).toThrow('needs 4 bytes of external data, but 5');
    expect(() => readClaims({ location, offset: '-1' })).toThrow('lies at “-1”');
    expect(() => readClaims({ location, shape: [2 ** 30, 2 ** 30] })).toThrow('impossible shape');
  });

  it('never give a byte from outside their folder, whatever the path', () => {
    const part = fc.constantFrom(
      '..',
      '.',
      '',
      'sub',
      'up',
      'beside',
      'model',
      'model-2',
      'link-in',
      'link-out',
      'weights.bin',
      'secret.bin',
      root,
      folder,
      'C:',
      '~',
    );
    const location = fc
      .array(fc.tuple(part, fc.constantFrom('/', '\\', '//')), { minLength: 1, maxLength: 6 })
      .map((parts) =>
        parts
          .map(([name, separator]) => name + separator)
          .join('')
          .replace(/[\\/]$/, ''),
      );
    let readCount = 0;
    fc.assert(
      fc.property(location, (one) => {
        let found: number[] = [];
        try {
          found = readClaims({ location: one });
          readCount++;
        } catch (error) {
          expect(error).toMatchObject({ code: 'model-external-data' });
        }
        expect(found).not.toContain(OUTSIDE);
      }),
      { numRuns: 500, seed: 1 },
    );
    expect(readCount).toBeGreaterThan(5);
  });
});

describe('model files', () => {
  it('that are none are refused with the reason', () => {
    expect(() => readModelFile(path.join(root, 'absent.onnx'))).toThrow('There is nothing at');
    expect(() => readModelFile(folder)).toThrow('is not a file');
    expect(() => readModelFile(path.join(root, 'secret.bin'))).toThrow(AppError);
  });
});
