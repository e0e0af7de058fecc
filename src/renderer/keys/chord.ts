/** @file Keys pressed together, as text: 'Ctrl+Shift+Z', 'ArrowLeft', '?', 'Ctrl++'. One text for each, so that equal keys are equal texts. */

/** In its one form: modifiers in this order, letters large, 'Space' for the space bar, else the name that the browser gives the key. */
export type Chord = string;

export interface ChordParts {
  /** Ctrl, or Command on a Mac. */
  readonly control: boolean;
  readonly alt: boolean;
  /** Of letters and of keys that write nothing; a sign such as '?' says itself that it was shifted. */
  readonly shift: boolean;
  readonly key: string;
}

/** What of a keyboard event tells which keys are down. */
export type KeyPress = Pick<
  KeyboardEvent,
  | 'key'
  | 'code'
  | 'ctrlKey'
  | 'metaKey'
  | 'altKey'
  | 'shiftKey'
  | 'isComposing'
  | 'repeat'
  | 'getModifierState'
>;

/** Pressed alone they mean nothing; the others come from input methods and dead keys. */
const NO_KEYS = new Set([
  ...['Ctrl', 'Control', 'Shift', 'Alt', 'AltGraph', 'Meta', 'OS', 'CapsLock', 'NumLock', 'ScrollLock', 'Fn'],
  ...['Dead', 'Process', 'Unidentified', 'Compose'],
]);

/** What stands on the keys, where that is shorter than their name. */
const KEY_LABELS: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
  Delete: 'Del',
  '-': '−',
};

export function printChord({ control, alt, shift, key }: ChordParts): Chord {
  return `${control ? 'Ctrl+' : ''}${alt ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${key}`;
}

/** null where the text is not a chord in its one form. */
export function parseChord(text: string): ChordParts | null {
  const [, control, alt, shift, key = ''] = /^(Ctrl\+)?(Alt\+)?(Shift\+)?(.+)$/su.exec(text) ?? [];
  const isVisible = isSign(key) && !/[\s\p{C}\p{M}]/u.test(key);
  const isName = /^[A-Z][A-Za-z0-9]+$/.test(key) && !NO_KEYS.has(key);
  if (!isVisible && !isName) return null;
  if (isVisible && (key !== largeLetter(key) || (shift !== undefined && !isLetter(key)))) return null;
  return { control: control !== undefined, alt: alt !== undefined, shift: shift !== undefined, key };
}

/** null while only modifiers are down, and while an input method composes. */
export function chordOf(event: KeyPress): Chord | null {
  if (event.isComposing || NO_KEYS.has(event.key)) return null;
  // AltGr writes signs; Windows reports it as Ctrl and Alt.
  const writesSign = event.getModifierState('AltGraph');
  const control = (event.ctrlKey || event.metaKey) && !writesSign;
  const alt = event.altKey && !writesSign;
  const key = keyOf(event, control || alt);
  return printChord({ control, alt, shift: event.shiftKey && (!isSign(key) || isLetter(key)), key });
}

/** What is written on the keys, one after the other: 'Ctrl', '←'. */
export function chordLabels(chord: Chord): string[] {
  const parts = parseChord(chord);
  if (parts === null) return [chord];
  const { control, alt, shift, key } = parts;
  return [
    ...(control ? ['Ctrl'] : []),
    ...(alt ? ['Alt'] : []),
    ...(shift ? ['Shift'] : []),
    KEY_LABELS[key] ?? key,
  ];
}

/** 'Ctrl+←', for a hint or a screen reader. */
export const chordText = (chord: Chord): string => chordLabels(chord).join('+');

/** With Shift let go, where it was down alone: Shift+ArrowRight moves as ArrowRight does. */
export function withoutShift(chord: Chord): Chord | null {
  const parts = parseChord(chord);
  return parts?.shift === true && !parts.control && !parts.alt ? parts.key : null;
}

/** With modifiers, and in scripts without Latin letters, a letter's place on the keyboard counts, not what it writes. */
function keyOf({ key, code }: KeyPress, isModified: boolean): string {
  if (key === ' ') return 'Space';
  const place = /^(?:Key([A-Z])|Digit(\d))$/.exec(code);
  const sign = place?.[1] ?? place?.[2];
  if (sign !== undefined && isSign(key) && key > '~' && (isModified || isLetter(key))) return sign;
  return isSign(key) ? largeLetter(key) : key;
}

/** One character, as keys that write something are called. */
function isSign(key: string): boolean {
  return /^.$/su.test(key);
}

function isLetter(key: string): boolean {
  return key.toLowerCase() !== key.toUpperCase();
}

/** Some small letters, such as ß, have no large one of their own. */
function largeLetter(key: string): string {
  const large = key.toUpperCase();
  return isSign(large) ? large : key;
}
