/** @file The legal form of a model that is about to be written: every name is made once, and before it is read. */
import type { OnnxModel } from './model.ts';

/** What is wrong with the model's own graph, one sentence per fault; empty for a legal one. */
export function verifyModel({ inputs, initializers, nodes, outputs }: OnnxModel): string[] {
  const made = new Set<string>([...inputs.keys(), ...initializers.keys()]);
  const faults: string[] = [];
  for (const node of nodes) {
    for (const name of node.inputs) {
      if (name !== '' && !made.has(name)) faults.push(`${node.name} reads ${name} before it is made`);
    }
    for (const name of node.outputs) {
      if (name === '') continue;
      if (made.has(name)) faults.push(`${node.name} makes ${name} a second time`);
      made.add(name);
    }
  }
  for (const name of outputs.keys()) if (!made.has(name)) faults.push(`nothing makes the output ${name}`);
  return faults;
}
