import { describe, expect, it } from 'vitest';
import type { ClassId } from '../../contract/vocabulary.ts';
import { chooseParameters } from './choose-parameters.ts';
import { firstImpression } from './first-impression.ts';
import { mapClasses } from './map-classes.ts';
import { pixelValues } from './pixel-values.ts';

const [coat, dress, shirt] = [1, 2, 3] as unknown as [ClassId, ClassId, ClassId];
const classes = new Map([
  [coat, 'coat'],
  [dress, 'dress'],
  [shirt, 'shirt'],
]);
const code = (expected: string) => expect.objectContaining({ code: expected }) as unknown;

describe('classes', () => {
  it('are those of the project in their order where as many are told apart', () => {
    const mapping = mapClasses(classes, 3, { classNames: [], newHead: false });
    expect(mapping).toEqual({ columns: null, classIds: [coat, dress, shirt], newHead: null });
  });

  it('in another number are an error, unless a new head learns them', () => {
    expect(() => mapClasses(classes, 4, { classNames: [], newHead: false })).toThrow(
      code('model-classes-mismatch'),
    );
    expect(mapClasses(classes, 4, { classNames: [], newHead: true }).newHead).toBe(3);
  });

  it('found by name keep the columns of the outputs that are classes here', () => {
    const names = ['Shirt', 'zebra', 'coat ', 'tench'];
    const mapping = mapClasses(classes, 4, { classNames: names, newHead: false });
    expect(mapping).toMatchObject({ columns: [0, 2], classIds: [shirt, coat] });
  });

  it('whose names are too few, unknown or told twice are errors', () => {
    const map = (classNames: string[]) => () => mapClasses(classes, 3, { classNames, newHead: false });
    expect(map(['coat', 'dress'])).toThrow(code('model-classes-mismatch'));
    expect(map(['cat', 'dog', 'coat'])).toThrow(code('model-classes-unknown'));
    expect(map(['coat', 'coat', 'dress'])).toThrow(code('model-choice-invalid'));
  });
});

describe('pixel values', () => {
  const choices = { means: [], deviations: [], channelOrder: 'rgb', grey: false } as const;

  it('of ImageNet turn round with the channels', () => {
    const values = pixelValues(
      { ...choices, means: [], deviations: [], pixels: 'imagenet', channelOrder: 'bgr' },
      3,
      false,
    );
    expect(values).toEqual({
      means: [0.406, 0.456, 0.485],
      deviations: [0.225, 0.224, 0.229],
      sources: [2, 1, 0],
    });
  });

  it('from 0 to 255 undo the scaling to 0…1', () => {
    expect(pixelValues({ ...choices, means: [], deviations: [], pixels: 'byte' }, 1, true)).toEqual({
      means: [0],
      deviations: [1 / 255],
    });
  });

  it('of a project of grey images are read from one plane', () => {
    expect(pixelValues({ ...choices, means: [], deviations: [], pixels: 'unit' }, 3, true).sources).toEqual([
      0, 0, 0,
    ]);
  });

  it('of one’s own must be as many as there are channels', () => {
    expect(() =>
      pixelValues({ ...choices, means: [0.5], deviations: [1, 1, 1], pixels: 'custom' }, 3, false),
    ).toThrow(code('model-choice-invalid'));
  });
});

describe('parameters', () => {
  const layer = (name: string) => ({
    name,
    kind: 'linear' as const,
    parameters: [`${name}.weight`, `${name}.bias`],
    count: 2,
  });
  const layers = ['block1.fc', 'block2.fc', 'head'].map(layer);

  it('are all, those of the last layers, or those whose names fit a pattern', () => {
    const choose = (parameters: 'all' | 'last' | 'pattern', lastLayers = 1, pattern = '') =>
      chooseParameters(layers, { parameters, lastLayers, pattern });
    expect(choose('all')).toHaveLength(6);
    expect(choose('last', 2)).toEqual(['block2.fc.weight', 'block2.fc.bias', 'head.weight', 'head.bias']);
    expect(choose('pattern', 1, 'block*.weight, head.bias')).toEqual([
      'block1.fc.weight',
      'block2.fc.weight',
      'head.bias',
    ]);
    expect(() => choose('pattern', 1, 'stem.*')).toThrow(code('model-choice-invalid'));
  });
});

describe('the first impression', () => {
  const labels = Int32Array.from({ length: 60 }, (_, row) => row % 3);
  const answering = (answer: (label: number) => number) => {
    const probabilities = new Float32Array(180);
    for (const [row, label] of labels.entries()) probabilities[row * 3 + answer(label)] = 1;
    return firstImpression({ probabilities, labels, classCount: 3 });
  };

  it('says nothing of a model that is mostly right', () => {
    expect(answering((label) => label)).toBeNull();
  });

  it('tells classes in another order from pixels of another kind', () => {
    expect(answering((label) => (label + 1) % 3)).toContain('order of the classes');
    expect(answering((label) => (label + 1) % 3)).toContain('in another order');
    expect(answering(() => 0)).toContain('pixel values');
  });
});
