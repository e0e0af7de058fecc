/** @file Looks into a model file: what it is, what of it can be read, and what can be done with it here. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { inlineFunctions } from '../../core/onnx/inline-functions.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import { shapeOf } from '../../core/graph/graph.ts';
import type { LayerKind, ModelCheckRequest, ModelReport } from '../../contract/models-service.ts';
import { adviseOn } from './advise.ts';
import { findImageInput, USUAL_SIDE, type ImageInput } from './image-input.ts';
import { layersOf, type ModelLayer } from './model-layers.ts';
import { surveyOperators } from './operator-survey.ts';
import { probeModel, type Probe } from './probe-model.ts';
import { readModelFile } from './read-model-file.ts';
import { suggestChoices } from './suggest-choices.ts';
import { surveyUses } from './survey-uses.ts';

/** Throws where the file is no model at all; whatever else is wrong with it stands in the report. */
export function checkModel({ path, imageSize, batchSize }: ModelCheckRequest): ModelReport {
  const file = resolve(path);
  const model = inlineFunctions(readModelFile(file));
  const bytes = readFileSync(file);
  const name = basename(file, extname(file));
  const found = findImageInput(model);
  const image = typeof found === 'string' ? null : found;
  const survey = surveyOperators(model);
  const side = sideOf(image, imageSize);
  const probe: Probe = image === null ? { probed: null, errors: [] } : probeModel(model, image, side);
  const { probed } = probe;
  const layers = probed === null ? [] : layersOf(model, probed.parameters);
  const roles = new Map([...(probed?.outputs ?? [])].map(([output, { role }]) => [output, role]));
  const suggestion = image === null ? null : suggestChoices(model, image, roles, name);
  const classCount = classCountOf(probe, suggestion);
  const known = { model, image, layers, roles };
  const uses = surveyUses(known, suggestion, { side, batchSize });
  const refusals = [...survey.refusals, ...limitsOf(probe, survey.refusals)];
  const report: Omit<ModelReport, 'advice'> = {
    path: file,
    name,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    producer: model.producer,
    opset: model.opsets.get('') ?? 0,
    inputs: inputsOf(model),
    outputs: [...model.outputs].map(([output, declared]) => ({
      name: output,
      dtype: declared?.dtype ?? '?',
      shape: shapeOfOutput(probe, output) ?? [...(declared?.shape ?? [])],
      role: roles.get(output) ?? 'other',
    })),
    operators: survey.operators,
    refusals,
    parameters: parametersOf(layers),
    image,
    ...uses,
    suggestion,
    classCount,
  };
  return { ...report, advice: adviseOn(report, typeof found === 'string' ? found : null, probe.errors) };
}

function classCountOf({ probed }: Probe, suggestion: ModelReport['suggestion']): number | null {
  if (probed === null || suggestion === null || suggestion.newHead) return null;
  const output = probed.outputs.get(suggestion.output);
  return output === undefined ? null : shapeOf(output.value)[1]!;
}

function sideOf(image: ImageInput | null, wanted: number): number {
  return image?.size ?? (wanted === 0 ? USUAL_SIDE : wanted);
}

function inputsOf(model: OnnxModel): ModelReport['inputs'] {
  return [...model.inputs]
    .filter(([name]) => !model.initializers.has(name))
    .map(([name, { dtype, shape }]) => ({ name, dtype, shape: shape === null ? null : [...shape] }));
}

/** The batch stays a letter: the two images of the probe are nobody's choice. */
function shapeOfOutput({ probed }: Probe, output: string): ModelReport['outputs'][number]['shape'] {
  const value = probed?.outputs.get(output)?.value;
  return value === undefined ? null : ['N', ...shapeOf(value).slice(1)];
}

/** Operators that are known, but used in a way that is not. */
function limitsOf({ errors }: Probe, known: ModelReport['refusals']): ModelReport['refusals'] {
  return errors
    .filter((error) => error.code === 'model-unsupported')
    .map(({ details }) => ({
      node: String(details['node']),
      op: String(details['op']),
      reason: String(details['reason']),
    }))
    .filter(({ node }) => !known.some((refusal) => refusal.node === node));
}

function parametersOf(layers: readonly ModelLayer[]): ModelReport['parameters'] {
  const kinds = new Map<LayerKind, { layers: number; count: number }>();
  for (const { kind, count } of layers) {
    const sum = kinds.get(kind) ?? { layers: 0, count: 0 };
    kinds.set(kind, { layers: sum.layers + 1, count: sum.count + count });
  }
  return {
    count: layers.reduce((total, layer) => total + layer.count, 0),
    byKind: [...kinds].map(([kind, sum]) => ({ kind, ...sum })).sort((a, b) => b.count - a.count),
    layers: layers.map((layer) => ({ ...layer, parameters: [...layer.parameters] })),
  };
}
