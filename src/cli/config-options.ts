/** @file Command-line options made from a run's config schema: the declaration that validates the window's forms parses the command line. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { z } from 'zod';
import { AppError } from '../core/base/app-error.ts';

/** The option that asks for field `fieldName`: 'learningRate' → '--learning-rate'. */
export function flagOf(fieldName: string): string {
  return `--${fieldName.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** One option per field of `schema`, with its description, choices and default. */
export function optionsOf(schema: z.ZodObject, leaveOut: readonly string[] = []): Option[] {
  return Object.entries(schema.shape)
    .filter(([name]) => !leaveOut.includes(name))
    .map(([name, field]) => optionOf(name, field as z.ZodType));
}

/**
 * Options of a command that does one of two things: those of `first`, with what `second` adds to their choices, and those that `second` alone has. Where it does the
 * second, `saidOptions` tells what was asked for.
 */
export function optionsOfEither(
  first: z.ZodObject,
  second: z.ZodObject,
  leaveOut: readonly string[] = [],
): Option[] {
  const options = optionsOf(first, leaveOut);
  for (const [name, field] of Object.entries(second.shape)) {
    const shared = options.find((option) => option.attributeName() === name);
    const { choices } = valueKindOf(field as z.ZodType);
    if (shared === undefined) {
      if (!leaveOut.includes(name)) options.push(optionOf(name, field as z.ZodType));
    } else if (shared.argChoices !== undefined && choices !== null)
      shared.choices([...new Set([...shared.argChoices, ...choices])]);
  }
  return options;
}

/** The options that a person gave, all of them fields of `schema`; `leaveOut` are the command's own. One that has no meaning for `what` is an error. */
export function saidOptions(
  command: Command,
  schema: z.ZodObject,
  what: string,
  leaveOut: readonly string[] = [],
): Readonly<Record<string, unknown>> {
  const said = Object.entries(command.opts()).filter(
    ([name]) =>
      command.getOptionValueSource(name) === 'cli' && !['project', 'json', ...leaveOut].includes(name),
  );
  const other = said.find(([name]) => !(name in schema.shape));
  if (other !== undefined)
    throw new AppError('usage-invalid', { reason: `${flagOf(other[0])} means nothing for ${what}` });
  return Object.fromEntries(said);
}

function optionOf(name: string, field: z.ZodType): Option {
  const { kind, choices } = valueKindOf(field);
  if (kind === 'switch') return new Option(flagOf(name), field.description ?? '').default(false);
  const option = new Option(`${flagOf(name)} <${kind}>`, field.description ?? '');
  if (choices !== null && kind === 'choice') option.choices(choices);
  else option.argParser((text) => parseValue(text, kind, choices));
  const fallback = field.safeParse(undefined);
  if (fallback.success && fallback.data !== null && fallback.data !== undefined && !isEmpty(fallback.data))
    option.default(fallback.data);
  return option;
}

type ValueKind = 'number' | 'choice' | 'list' | 'numbers' | 'text' | 'switch';

/** Looks through defaults and nullables for what a person has to type. */
function valueKindOf(field: z.ZodType): { kind: ValueKind; choices: string[] | null } {
  if (field instanceof z.ZodDefault || field instanceof z.ZodNullable || field instanceof z.ZodOptional)
    return valueKindOf(field.unwrap() as z.ZodType);
  if (field instanceof z.ZodNumber) return { kind: 'number', choices: null };
  if (field instanceof z.ZodEnum) return { kind: 'choice', choices: field.options.map(String) };
  if (field instanceof z.ZodBoolean) return { kind: 'switch', choices: null };
  if (field instanceof z.ZodArray && field.element instanceof z.ZodNumber)
    return { kind: 'numbers', choices: null };
  if (field instanceof z.ZodArray)
    return { kind: 'list', choices: valueKindOf(field.element as z.ZodType).choices };
  return { kind: 'text', choices: null };
}

function parseValue(text: string, kind: ValueKind, choices: readonly string[] | null): unknown {
  if (kind === 'number') {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value))
      throw new InvalidArgumentError('A number is expected.');
    return value;
  }
  if (kind === 'numbers') return text.split(',').map((item) => parseValue(item, 'number', null));
  if (kind !== 'list') return text;
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  const unknown = items.find((item) => choices !== null && !choices.includes(item));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `'${unknown}' is not one of: ${choices!.join(', ')} (several are separated by commas).`,
    );
  }
  return items;
}

function isEmpty(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0);
}
