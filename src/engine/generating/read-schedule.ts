/** @file The noise schedule that a model was trained with, from a file: in words of our own, or a scheduler_config.json of diffusers. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../../core/base/app-error.ts';
import type { PredictionKind, ScheduleDescription } from '../../core/diffusion/noise-schedule.ts';
import { PredictionKind as Prediction } from '../../contract/generation-configs.ts';

export interface ReadSchedule {
  readonly schedule: ScheduleDescription;
  /** null: the file does not say what the model predicts. */
  readonly prediction: PredictionKind | null;
}

/** Throws `source-not-found` and `schedule-invalid`. */
export function readSchedule(path: string): ReadSchedule {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AppError('source-not-found', { path }, { cause });
  }
  try {
    return parseSchedule(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw refuse(path, `it is no JSON (${cause.message})`);
    if (cause instanceof ScheduleFault) throw refuse(path, cause.message);
    throw cause;
  }
}

function refuse(path: string, reason: string): AppError {
  return new AppError('schedule-invalid', { path, reason });
}

/** What is wrong with a schedule, in words. */
export class ScheduleFault extends Error {}

const MOST_STEPS = 100_000;
const steps = z.number().int().min(2).max(MOST_STEPS);
const beta = z.number().gt(0).lt(1);

const OwnSchedule = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['linear', 'scaled-linear']), steps, firstBeta: beta, lastBeta: beta }),
  z.object({ kind: z.literal('cosine'), steps }),
  z.object({ kind: z.literal('given'), betas: z.array(beta).min(2).max(MOST_STEPS) }),
]);

const DiffusersSchedule = z.object({
  num_train_timesteps: steps,
  beta_start: beta.optional(),
  beta_end: beta.optional(),
  beta_schedule: z.enum(['linear', 'scaled_linear', 'squaredcos_cap_v2']).optional(),
  trained_betas: z.array(beta).min(2).max(MOST_STEPS).nullish(),
  rescale_betas_zero_snr: z.literal(false, 'pure noise in the last step is not supported').optional(),
  prediction_type: z.enum(['epsilon', 'v_prediction', 'sample']).optional(),
});

const diffusersPredictions = { epsilon: 'epsilon', v_prediction: 'v', sample: 'x0' } as const;

/** Throws `ScheduleFault`. */
export function parseSchedule(value: unknown): ReadSchedule {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ScheduleFault('it holds no object');
  return 'kind' in value ? parseOwn(value) : parseDiffusers(value);
}

function parseOwn(value: object): ReadSchedule {
  const told = check(OwnSchedule, value);
  const { prediction } = check(z.object({ prediction: Prediction.nullish() }), value);
  return { schedule: describeOwn(told), prediction: prediction ?? null };
}

function describeOwn(told: z.infer<typeof OwnSchedule>): ScheduleDescription {
  switch (told.kind) {
    case 'linear':
    case 'scaled-linear':
      return told;
    case 'cosine':
      return { ...told, firstBeta: 0, lastBeta: 0 };
    case 'given':
      return givenSchedule(told.betas);
  }
}

function parseDiffusers(value: object): ReadSchedule {
  const told = check(DiffusersSchedule, value);
  const prediction = told.prediction_type === undefined ? null : diffusersPredictions[told.prediction_type];
  return { schedule: describeDiffusers(told), prediction };
}

function describeDiffusers(told: z.infer<typeof DiffusersSchedule>): ScheduleDescription {
  const {
    num_train_timesteps: count,
    beta_start: firstBeta,
    beta_end: lastBeta,
    trained_betas: betas,
  } = told;
  if (betas !== undefined && betas !== null) {
    if (betas.length === count) return givenSchedule(betas);
    throw new ScheduleFault(`trained_betas holds ${betas.length} numbers, num_train_timesteps says ${count}`);
  }
  if (told.beta_schedule === undefined) throw new ScheduleFault('beta_schedule is missing');
  if (told.beta_schedule === 'squaredcos_cap_v2')
    return { kind: 'cosine', steps: count, firstBeta: 0, lastBeta: 0 };
  if (firstBeta === undefined || lastBeta === undefined)
    throw new ScheduleFault('beta_start or beta_end is missing');
  const kind = told.beta_schedule === 'linear' ? 'linear' : 'scaled-linear';
  return { kind, steps: count, firstBeta, lastBeta };
}

function givenSchedule(betas: readonly number[]): ScheduleDescription {
  return { kind: 'given', steps: betas.length, firstBeta: betas[0]!, lastBeta: betas.at(-1)!, betas };
}

/** The value as the schema has it, or what is wrong with it first. */
function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ScheduleFault(`${issue!.path.join('.') || 'it'}: ${issue!.message}`);
}
