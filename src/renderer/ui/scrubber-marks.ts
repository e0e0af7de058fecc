/** @file Which words stand beside a scrubber: where they change, as many as there is room for. */

export interface ScrubberMark {
  readonly index: number;
  readonly text: string;
}

export interface ShownMark extends ScrubberMark {
  /** In pixels from the top of the strip. */
  readonly top: number;
}

/**
 * Marks in order, of a list of `count` things on a strip of `height` pixels, each `markHeight` high. A mark that says the same as the one
 * before, or that would lie over it, is left out.
 */
export function shownMarks(
  marks: readonly ScrubberMark[],
  count: number,
  height: number,
  markHeight: number,
): ShownMark[] {
  const shown: ShownMark[] = [];
  for (const mark of marks) {
    const before = shown.at(-1);
    const top = (mark.index / Math.max(1, count)) * height;
    if (top + markHeight > height || mark.text === '') continue;
    if (before !== undefined && (before.text === mark.text || top < before.top + markHeight)) continue;
    shown.push({ ...mark, top });
  }
  return shown;
}
