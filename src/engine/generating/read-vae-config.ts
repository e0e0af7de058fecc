/** @file How latents are scaled before a denoiser sees them: from a person, or from the config.json of an AutoencoderKL of diffusers. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../../core/base/app-error.ts';
import type { DenoiserChoices } from '../../contract/denoiser-choices.ts';

export interface LatentScale {
  readonly scalingFactor: number;
  readonly shiftFactor: number;
}

const VaeConfig = z.object({
  scaling_factor: z.number().positive().optional(),
  shift_factor: z.number().nullish(),
  latents_mean: z.null('means of each channel (latents_mean) are not supported').optional(),
  latents_std: z.null('deviations of each channel (latents_std) are not supported').optional(),
});

/** What a person says comes first; `path` null: there is no file. Throws `source-not-found`, `vae-config-invalid`, and `model-choice-invalid` where nobody says. */
export function latentScale(
  path: string | null,
  { scalingFactor, shiftFactor }: Pick<DenoiserChoices, 'scalingFactor' | 'shiftFactor'>,
): LatentScale {
  const config = path === null ? {} : readVaeConfig(path);
  const scale = scalingFactor ?? config.scaling_factor ?? null;
  if (scale === null)
    throw new AppError('model-choice-invalid', {
      reason:
        'It is not known by what the VAE’s latents are multiplied: give its config.json (--vae-config), or say it (--scaling-factor; 0.18215 of Stable Diffusion 1 and 2)',
    });
  return { scalingFactor: scale, shiftFactor: shiftFactor ?? config.shift_factor ?? 0 };
}

function readVaeConfig(path: string): z.infer<typeof VaeConfig> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AppError('source-not-found', { path }, { cause });
  }
  const refuse = (reason: string): AppError => new AppError('vae-config-invalid', { path, reason });
  try {
    const result = VaeConfig.safeParse(JSON.parse(text));
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    throw refuse(`${issue!.path.join('.') || 'it'}: ${issue!.message}`);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw refuse(`it is no JSON (${cause.message})`);
    throw cause;
  }
}
