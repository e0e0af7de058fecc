/** @file Whom a pressed key is meant for: a text, a control, or the screen. */

/** What every text field does by itself. */
const TEXT_CHORDS = new Set(['A', 'C', 'V', 'X', 'Y', 'Z', 'Shift+Z'].map((key) => `Ctrl+${key}`));

/** True where keys are meant as text. */
export function isTyping({ target }: Pick<Event, 'target'>): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'range', 'button'].includes(target.type);
  return (
    target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
  );
}

/** True where these keys edit the text that has the focus: all but those with Ctrl or Alt, and what Ctrl does to a text. */
export function isForText(
  event: Pick<KeyboardEvent, 'target' | 'ctrlKey' | 'metaKey' | 'altKey'>,
  chord: string,
): boolean {
  if (!isTyping(event)) return false;
  return !(event.ctrlKey || event.metaKey || event.altKey) || TEXT_CHORDS.has(chord);
}

/** True for Enter and Space on a focused control: they are that control's. */
export function isForControl({ target, key }: Pick<KeyboardEvent, 'target' | 'key'>): boolean {
  const onControl = target instanceof Element && target.closest('button, a, select, summary') !== null;
  return onControl && (key === 'Enter' || key === ' ');
}
