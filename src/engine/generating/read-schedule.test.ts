import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AppError } from '../../core/base/app-error.ts';
import { Random } from '../../core/base/random.ts';
import { buildSchedule } from '../../core/diffusion/noise-schedule.ts';
import { parseSchedule, readSchedule, ScheduleFault } from './read-schedule.ts';

const folder = mkdtempSync(join(tmpdir(), 'whence-schedule-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** As Stable Diffusion 1.5 comes with it. */
const diffusers = {
  _class_name: 'PNDMScheduler',
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  trained_betas: null,
  clip_sample: false,
};

describe('a noise schedule from a file', () => {
  it('is read as diffusers writes it', () => {
    const { schedule, prediction } = parseSchedule(diffusers);
    expect(schedule).toEqual({ kind: 'scaled-linear', steps: 1000, firstBeta: 0.00085, lastBeta: 0.012 });
    expect(prediction).toBeNull();
    // ᾱ_T of Stable Diffusion.
    expect(buildSchedule(schedule).cumulative.at(-1)).toBeCloseTo(0.00466, 5);
    const predictions = { epsilon: 'epsilon', v_prediction: 'v', sample: 'x0' };
    for (const [prediction_type, kind] of Object.entries(predictions))
      expect(parseSchedule({ ...diffusers, prediction_type }).prediction).toBe(kind);
    const cosine = parseSchedule({ ...diffusers, beta_schedule: 'squaredcos_cap_v2' });
    expect(buildSchedule(cosine.schedule).betas.at(-1)).toBe(0.999);
    const trained = parseSchedule({ num_train_timesteps: 3, trained_betas: [0.1, 0.2, 0.3] });
    expect([...buildSchedule(trained.schedule).betas]).toEqual([0.1, 0.2, 0.3]);
  });

  it('is read in words of our own', () => {
    const linear = { kind: 'linear', steps: 10, firstBeta: 0.01, lastBeta: 0.2 };
    expect(parseSchedule({ ...linear, prediction: 'v' })).toEqual({ schedule: linear, prediction: 'v' });
    expect(parseSchedule({ kind: 'cosine', steps: 10 }).schedule).toMatchObject({
      kind: 'cosine',
      steps: 10,
    });
    const given = parseSchedule({ kind: 'given', betas: [0.1, 0.5] });
    expect([...buildSchedule(given.schedule).betas]).toEqual([0.1, 0.5]);
  });

  it.each([
    [{ ...diffusers, beta_schedule: 'sigmoid' }, /beta_schedule: .*squaredcos_cap_v2/],
    [{ ...diffusers, prediction_type: 'flow' }, /prediction_type: .*v_prediction/],
    [{ ...diffusers, rescale_betas_zero_snr: true }, /rescale_betas_zero_snr: pure noise/],
    [
      { ...diffusers, trained_betas: [0.1, 0.2] },
      /trained_betas holds 2 numbers, num_train_timesteps says 1000/,
    ],
    [{ ...diffusers, beta_start: undefined }, /beta_start or beta_end is missing/],
    [
      { _class_name: 'FlowMatchEulerDiscreteScheduler', num_train_timesteps: 1000, shift: 3 },
      /beta_schedule is missing/,
    ],
    [{ kind: 'linear', steps: 10, firstBeta: 0, lastBeta: 0.2 }, /firstBeta/],
    [{ kind: 'sigmoid', steps: 10 }, /kind/],
    [{ kind: 'given', betas: [0.1, 1] }, /betas\.1/],
    [[], /no object/],
    ['linear', /no object/],
  ])('is refused with the reason (%#)', (value, reason) => {
    expect(() => parseSchedule(value)).toThrow(reason);
  });

  it('names the file in what it refuses', () => {
    const path = join(folder, 'scheduler_config.json');
    writeFileSync(path, '{"kind": ');
    expect(() => readSchedule(path)).toThrow(AppError);
    expect(() => readSchedule(path)).toThrow(/scheduler_config\.json.*no JSON/);
    writeFileSync(path, '{"kind": "cosine", "steps": 1}');
    expect(() => readSchedule(path)).toThrow(/scheduler_config\.json.*steps/);
    expect(() => readSchedule(join(folder, 'none.json'))).toThrow(/none\.json/);
  });

  it('can be built whatever the file says, or is refused in words', () => {
    const random = new Random(1, 'schedules');
    for (let turn = 0; turn < 3000; turn++) {
      const value = drawSchedule(random);
      try {
        const { cumulative } = buildSchedule(parseSchedule(value).schedule);
        expect(cumulative.every((share) => share > 0 && share < 1)).toBe(true);
      } catch (error) {
        expect(error, JSON.stringify(value)).toBeInstanceOf(ScheduleFault);
      }
    }
  });
});

/** Something like a schedule, with some of its fields wrong. */
function drawSchedule(random: Random): unknown {
  const pick = <One>(...options: One[]): One => options[random.integer(options.length)]!;
  const number = (): unknown =>
    pick<unknown>(random.uniform(), 0.02, 0, 1, -0.1, 1e-9, null, '0.1', undefined);
  const count = (): unknown => pick<unknown>(2, 10, 50, 1, 2.5, 1e9, -3, null, undefined);
  const betas = (): unknown => pick<unknown>([0.1, 0.2], [], [0.1, number()], null, undefined, 'none');
  if (random.uniform() < 0.5)
    return {
      kind: pick('linear', 'scaled-linear', 'cosine', 'given', 'other'),
      steps: count(),
      firstBeta: number(),
      lastBeta: number(),
      betas: betas(),
      prediction: pick('epsilon', 'v', 'x0', null, undefined, 'other'),
    };
  return {
    num_train_timesteps: count(),
    beta_start: number(),
    beta_end: number(),
    beta_schedule: pick('linear', 'scaled_linear', 'squaredcos_cap_v2', 'other', undefined),
    trained_betas: betas(),
    prediction_type: pick('epsilon', 'v_prediction', 'sample', 'other', undefined),
    rescale_betas_zero_snr: pick(true, false, undefined),
  };
}
