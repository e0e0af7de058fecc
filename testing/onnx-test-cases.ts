/** @file The test cases of the ONNX project as Debian ships them (package libonnx-testdata): models with inputs and expected outputs. */
import fs from 'node:fs';
import path from 'node:path';
import { readTensor } from '../src/core/onnx/read-tensor.ts';
import type { Tensor } from '../src/core/tensor/tensor.ts';

const folder = process.env['WHENCE_ONNX_TESTDATA'] ?? '/usr/share/libonnx-testdata/data';

/** Cases of one operator each, then small models that exporters made. `real` has no models, only where to download them. */
const groups = ['node', 'simple', 'pytorch-operator', 'pytorch-converted'];

export interface OnnxTestCase {
  /** "node/test_abs" */
  readonly name: string;
  readonly modelFile: string;
  /** One folder per set of inputs and expected outputs. */
  readonly dataFolders: readonly string[];
}

export interface OnnxTestData {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** Why there are no cases on this machine, or null. */
export function onnxTestCasesMissing(): string | null {
  if (fs.existsSync(path.join(folder, 'node'))) return null;
  return `The ONNX test cases are not in ${folder}: apt-get install libonnx-testdata, or set WHENCE_ONNX_TESTDATA.`;
}

export function findOnnxTestCases(): OnnxTestCase[] {
  return groups.flatMap((group) =>
    fs
      .readdirSync(path.join(folder, group))
      .sort()
      .map((name) => describeCase(`${group}/${name}`)),
  );
}

function describeCase(name: string): OnnxTestCase {
  const own = path.join(folder, name);
  const sets = fs.readdirSync(own).filter((entry) => entry.startsWith('test_data_set_'));
  return {
    name,
    modelFile: path.join(own, 'model.onnx'),
    dataFolders: sets.sort().map((set) => path.join(own, set)),
  };
}

/** Throws what `readTensor` throws where an input or output is no tensor of ours. */
export function readOnnxTestData(dataFolder: string): OnnxTestData {
  return { inputs: readTensors(dataFolder, 'input'), outputs: readTensors(dataFolder, 'output') };
}

function readTensors(dataFolder: string, role: 'input' | 'output'): Tensor[] {
  const tensors: Tensor[] = [];
  for (let index = 0; ; index++) {
    const file = path.join(dataFolder, `${role}_${index}.pb`);
    if (!fs.existsSync(file)) return tensors;
    tensors.push(readTensor(fs.readFileSync(file), refuseExternal).tensor);
  }
}

function refuseExternal(): never {
  throw new Error('a test case has its tensors in one piece');
}
