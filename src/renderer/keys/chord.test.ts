import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chordLabels, chordOf, parseChord, printChord, withoutShift, type KeyPress } from './chord.ts';

const signs = 'A B C X Y Z 0 1 2 5 9 ? + - = [ ] , . / ; Ä É Ж ß'.split(' ');
const names = ['Space', 'Enter', 'Escape', 'ArrowLeft', 'ArrowDown', 'Home', 'PageUp', 'F1', 'F12', 'Delete'];

const chordParts = fc
  .record({
    control: fc.boolean(),
    alt: fc.boolean(),
    shift: fc.boolean(),
    key: fc.constantFrom(...signs, ...names),
  })
  .filter(({ shift, key }) => !shift || key.length > 1 || key.toLowerCase() !== key.toUpperCase());

function press(key: string, change: Partial<KeyPress> = {}): KeyPress {
  return {
    ...{ key, code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false },
    ...{ isComposing: false, repeat: false, getModifierState: () => false },
    ...change,
  };
}

describe('chords', () => {
  it('are read as they were printed', () => {
    fc.assert(
      fc.property(chordParts, (parts) => {
        expect(parseChord(printChord(parts))).toEqual(parts);
      }),
    );
  });

  it('have one form: whatever text is read is printed again as it was', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), chordParts.map(printChord)), (text) => {
        const parts = parseChord(text);
        if (parts !== null) expect(printChord(parts)).toBe(text);
      }),
    );
  });

  it('that an event makes can be read, whatever is pressed', () => {
    const keys = fc.oneof(
      fc.constantFrom(...signs, ...names, ' ', 'a', '¡', 'Dead', 'Shift'),
      fc.string({ minLength: 1, maxLength: 1 }),
    );
    fc.assert(
      fc.property(keys, fc.boolean(), fc.boolean(), fc.boolean(), (key, ctrlKey, altKey, shiftKey) => {
        const chord = chordOf(press(key, { ctrlKey, altKey, shiftKey }));
        if (chord !== null && /^\P{C}$/u.test(key) && key !== ' ' && !/[\s\p{M}]/u.test(key))
          expect(parseChord(chord)).not.toBeNull();
      }),
    );
  });

  it('refuse modifiers alone, shifted signs, small letters and other orders', () => {
    for (const text of [
      '',
      'Ctrl',
      'Ctrl+',
      'Shift',
      'k',
      'Shift+?',
      'Shift+Ctrl+Z',
      'Ctrl+Ctrl+Z',
      'Ctrl+ ',
    ])
      expect(parseChord(text), text).toBeNull();
  });
});

describe('chordOf', () => {
  it('takes letters as large ones, with Shift told apart', () => {
    expect(chordOf(press('k'))).toBe('K');
    expect(chordOf(press('Z', { ctrlKey: true, shiftKey: true }))).toBe('Ctrl+Shift+Z');
    expect(chordOf(press('K', { getModifierState: () => false }))).toBe('K');
  });

  it('takes signs as they are written, however the keyboard writes them', () => {
    expect(chordOf(press('?', { shiftKey: true }))).toBe('?');
    const german = press('[', {
      ctrlKey: true,
      altKey: true,
      getModifierState: (name) => name === 'AltGraph',
    });
    expect(chordOf(german)).toBe('[');
    expect(chordOf(press('+', { ctrlKey: true, shiftKey: true }))).toBe('Ctrl++');
  });

  it('takes the place of a letter where it writes another sign with Alt, or another script', () => {
    expect(chordOf(press('√', { code: 'KeyV', altKey: true }))).toBe('Alt+V');
    expect(chordOf(press('¡', { code: 'Digit1', altKey: true }))).toBe('Alt+1');
    expect(chordOf(press('л', { code: 'KeyK' }))).toBe('K');
  });

  it('is silent for modifiers alone and while an input method composes', () => {
    expect(chordOf(press('Shift', { shiftKey: true }))).toBeNull();
    expect(chordOf(press('a', { isComposing: true }))).toBeNull();
  });
});

it('shows what stands on the keys', () => {
  expect(chordLabels('Ctrl+Shift+ArrowLeft')).toEqual(['Ctrl', 'Shift', '←']);
  expect(chordLabels('Ctrl++')).toEqual(['Ctrl', '+']);
});

it('lets Shift go only where it was held alone', () => {
  expect(withoutShift('Shift+ArrowRight')).toBe('ArrowRight');
  expect(withoutShift('Ctrl+Shift+Z')).toBeNull();
  expect(withoutShift('K')).toBeNull();
});
