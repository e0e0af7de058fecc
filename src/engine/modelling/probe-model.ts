/** @file A model file imported to see what of it can be read: as much as can be, and why the rest cannot. */
import { AppError } from '../../core/base/app-error.ts';
import { shapeOf, type Value } from '../../core/graph/graph.ts';
import { importModel } from '../../core/onnx/import/import-model.ts';
import type { ImportedModel } from '../../core/onnx/import/imported-model.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import type { Shape } from '../../core/tensor/tensor.ts';
import type { OutputRole } from '../../contract/models-service.ts';
import { imageInputShape, type ImageInput } from './image-input.ts';
import { judgeOutputs } from './judge-outputs.ts';

/** Two images: one alone hides where samples lie. */
const PROBE_BATCH = 2;

export interface ProbedModel {
  /** The outputs that could be imported, with everything they depend on. */
  readonly imported: ImportedModel;
  readonly outputs: ReadonlyMap<string, { readonly value: Value; readonly role: OutputRole }>;
  /** Of everything that can be trained. */
  readonly parameters: ReadonlyMap<string, Shape>;
}

export interface Probe {
  /** null: not one output could be imported. */
  readonly probed: ProbedModel | null;
  /** What stood in the way, once per reason. */
  readonly errors: readonly AppError[];
}

export function probeModel(model: OnnxModel, image: ImageInput, side: number): Probe {
  const inputShapes = new Map<string, Shape>([[image.input, imageInputShape(image, PROBE_BATCH, side)]]);
  const names = [...model.outputs.keys()];
  const errors = new Map<string, AppError>();
  const attempt = (outputs: readonly string[]): ImportedModel | null => {
    try {
      return importModel(model, { inputShapes, outputs });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      errors.set(error.message, error);
      return null;
    }
  };
  const all = attempt(names);
  if (all !== null) return { probed: describe(all), errors: [] };
  // One output that cannot be read must not cost the others.
  const readable = names.length < 2 ? [] : names.filter((name) => attempt([name]) !== null);
  const some = readable.length === 0 ? null : attempt(readable);
  return { probed: some === null ? null : describe(some), errors: [...errors.values()] };
}

function describe(imported: ImportedModel): ProbedModel {
  const roles = judgeOutputs(imported.outputs);
  return {
    imported,
    outputs: new Map(
      [...imported.outputs].map(([name, value]) => [name, { value, role: roles.get(name) ?? 'other' }]),
    ),
    parameters: new Map([...imported.parameters].map(([name, value]) => [name, shapeOf(value)])),
  };
}
