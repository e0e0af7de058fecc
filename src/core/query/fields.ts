/** @file The fields that every project has: what each holds decides which conditions on it make sense. */

/** class: the name of one · choice: one of a few words · text · number. */
export type FieldKind = 'class' | 'choice' | 'text' | 'number';

interface FieldDefinition {
  readonly kind: FieldKind;
  /** For a person. */
  readonly meaning: string;
  readonly example: string;
  /** Of a choice: every word it can be. */
  readonly choices?: readonly string[];
  /** The field is what a model said: `predicted(3)` is of model 3. */
  readonly ofModel?: true;
}

export const builtinFields = {
  label: { kind: 'class', meaning: 'class after all decisions', example: 'label = "coat"' },
  given_label: { kind: 'class', meaning: 'class as imported', example: 'given_label = "coat"' },
  predicted: {
    kind: 'class',
    meaning: 'class that a model finds most probable',
    example: 'predicted = "coat"',
    ofModel: true,
  },
  suggested: {
    kind: 'class',
    meaning: 'class that the newest issue run suggests',
    example: 'suggested = "coat"',
  },
  label_score: {
    kind: 'number',
    meaning: 'how suspicious the label is, 0 to 1',
    example: 'label_score > 0.8',
  },
  likeness: {
    kind: 'number',
    meaning: 'how like the image last asked about, −1 to 1',
    example: 'likeness > 0.9',
  },
  confidence: {
    kind: 'number',
    meaning: 'probability of the predicted class',
    example: 'confidence < 0.5',
    ofModel: true,
  },
  split: {
    kind: 'choice',
    meaning: 'part of the data set',
    example: 'split = train',
    choices: ['train', 'val', 'test'],
  },
  decision: {
    kind: 'choice',
    meaning: 'what a reviewer decided',
    example: 'decision = none',
    choices: ['none', 'keep', 'accept', 'other', 'skip'],
  },
  path: { kind: 'text', meaning: 'place in its source', example: 'path contains "2019/"' },
  format: { kind: 'text', meaning: 'of the file', example: 'format = png' },
  width: { kind: 'number', meaning: 'pixels', example: 'width >= 512' },
  height: { kind: 'number', meaning: 'pixels', example: 'height >= 512' },
  aspect: { kind: 'number', meaning: 'width divided by height', example: 'aspect > 2' },
  channels: { kind: 'number', meaning: '1 grey, 3 colour, 4 with alpha', example: 'channels = 1' },
  bytes: { kind: 'number', meaning: 'size of the file', example: 'bytes > 2MB' },
  id: { kind: 'number', meaning: 'number of the image', example: 'id in (12, 57)' },
} as const satisfies Readonly<Record<string, FieldDefinition>>;

export type BuiltinField = keyof typeof builtinFields;

export const builtinNames = Object.keys(builtinFields) as BuiltinField[];

export function definitionOf(name: BuiltinField): FieldDefinition {
  return builtinFields[name];
}

/** The field called so in upper or lower case; null: there is none. */
export function builtinNamed(name: string): BuiltinField | null {
  const wanted = name.toLowerCase();
  return builtinNames.find((field) => field === wanted) ?? null;
}
