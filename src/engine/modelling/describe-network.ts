/** @file From what was chosen about a model file to the description that its network is built from. */
import { AppError } from '../../core/base/app-error.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import type { ModelChoices } from '../../contract/model-choices.ts';
import type { OutputRole } from '../../contract/models-service.ts';
import { chooseParameters } from './choose-parameters.ts';
import { USUAL_SIDE, type ImageInput } from './image-input.ts';
import type { ModelLayer } from './model-layers.ts';
import type { FileNetwork } from './network-description.ts';

/** What looking into a file has told. */
export interface KnownModel {
  readonly model: OnnxModel;
  readonly image: ImageInput;
  readonly layers: readonly ModelLayer[];
  /** Of every output that can be read. */
  readonly roles: ReadonlyMap<string, OutputRole>;
}

/** `file` may be anything where nothing is stored; classes are not chosen yet. */
export function describeNetwork(known: KnownModel, choices: ModelChoices, file: string): FileNetwork {
  const { image, layers, roles } = known;
  const output = requireOutput(roles, choices.output);
  const role = roles.get(output);
  const kind =
    choices.outputKind === 'auto' ? (role === 'probabilities' ? role : 'logits') : choices.outputKind;
  return {
    file,
    channels: image.channels,
    imageSize: chooseSide(image, choices.imageSize),
    layout: image.layout,
    input: image.input,
    output,
    outputKind: kind,
    embedding: choices.embedding === '' ? null : requireKnown(roles, choices.embedding),
    columns: null,
    newHead: null,
    trained: chooseParameters(layers, choices),
    loraRank: choices.parameters === 'lora' ? choices.loraRank : null,
  };
}

function requireOutput(roles: KnownModel['roles'], wanted: string): string {
  if (wanted !== '') return requireKnown(roles, wanted);
  const named = [...roles];
  const found =
    named.find(([, role]) => role === 'logits') ?? named.find(([, role]) => role === 'probabilities');
  if (found !== undefined) return found[0];
  throw new AppError('model-choice-invalid', {
    reason: `No output looks like logits or probabilities. The outputs are ${named.map(([name]) => name).join(', ')}`,
  });
}

function requireKnown(roles: KnownModel['roles'], name: string): string {
  if (roles.has(name)) return name;
  throw new AppError('model-choice-invalid', {
    reason: `There is no output ${name} that can be read. Those that can be are ${[...roles.keys()].join(', ')}`,
  });
}

function chooseSide(image: ImageInput, wanted: number): number {
  if (image.size === null) return wanted === 0 ? USUAL_SIDE : wanted;
  if (wanted === 0 || wanted === image.size) return image.size;
  throw new AppError('model-choice-invalid', {
    reason: `The file takes images of ${image.size} pixels only, not of ${wanted}`,
  });
}
