/** @file The keys that open a menu everywhere, and where it then opens. */

/** Whether a key asks for the menu of what has the focus. */
export function asksForMenu({ key, shiftKey, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
  if (ctrlKey || altKey || metaKey) return false;
  return key === 'ContextMenu' || (shiftKey && key === 'F10');
}

/** The middle of an element, in pixels of the window. */
export function placeOn(element: Element): { readonly x: number; readonly y: number } {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}
