/** @file Some exporters keep weights in Constant nodes: those become initializers, so that both kinds of file look alike. */
import type { OnnxModel, OnnxNode } from '../model.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** The same model, with the tensors of its Constant nodes among the initializers, under the names of the nodes' outputs. */
export function hoistConstants(model: OnnxModel): OnnxModel {
  const initializers = new Map(model.initializers);
  const nodes = model.nodes.filter((node) => {
    const tensor = heldTensor(node);
    if (tensor === null) return true;
    initializers.set(node.outputs[0]!, tensor);
    return false;
  });
  return { ...model, nodes, initializers };
}

/** Single numbers stay where they are: nothing learns them. */
function heldTensor({ opType, domain, attributes }: OnnxNode): Tensor | null {
  const value = attributes.get('value');
  if (opType !== 'Constant' || domain !== '' || value?.kind !== 'tensor') return null;
  return value.value.shape.length > 0 ? value.value : null;
}
