/** @file Checks the number of inputs before a rule reads them. */
import { assert } from '../../base/assert.ts';
import type { TensorType } from '../../tensor/tensor.ts';

type Rule<Attributes> = (inputs: readonly TensorType[], attributes: Attributes) => readonly TensorType[];

/** `rule`, for an operator of `count` inputs, or of `count` to `most`. */
export function takes<Attributes>(count: number, rule: Rule<Attributes>, most = count): Rule<Attributes> {
  return (inputs, attributes) => {
    const { length } = inputs;
    assert(length >= count && length <= most, `takes ${count} to ${most} inputs, got ${length}`);
    return rule(inputs, attributes);
  };
}
