/** @file Values in the {holes} of a text. */

export type Values = Readonly<Record<string, unknown>>;

/** A hole without a value stays as it is. */
export function fill(text: string, values: Values | undefined): string {
  if (values === undefined) return text;
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => (name in values ? String(values[name]) : hole));
}
