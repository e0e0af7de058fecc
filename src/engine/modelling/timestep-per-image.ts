/** @file A step of time for each image, where a file takes one for the whole batch: every image of a batch has its own here. */
import type { OnnxModel } from '../../core/onnx/model.ts';

/** What the input that takes the steps is called: a file's own scalar is computed from one that has an extent. */
export function timestepName({ inputs }: OnnxModel, timestep: string): string {
  return inputs.has(timestep) ? timestep : perImage(timestep);
}

/** The model with [1] in place of a scalar step. A file for one image is laid out for many where it is imported. */
export function withTimestepPerImage(model: OnnxModel, timestep: string): OnnxModel {
  const declared = model.inputs.get(timestep);
  if (declared?.shape?.length !== 0) return model;
  const inputs = new Map(model.inputs);
  inputs.delete(timestep);
  inputs.set(perImage(timestep), { ...declared, shape: [1] });
  const squeeze = {
    opType: 'Squeeze',
    domain: '',
    name: perImage(timestep),
    inputs: [perImage(timestep)],
    outputs: [timestep],
    attributes: new Map(),
  };
  return { ...model, inputs, nodes: [squeeze, ...model.nodes] };
}

function perImage(timestep: string): string {
  return `${timestep} of each image`;
}
