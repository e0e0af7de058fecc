/** @file Where the tiles of a virtual grid stand, and which of them are near the part in view. Lengths are CSS pixels. */
export interface GridMeasure {
  readonly width: number;
  readonly tileSize: number;
  /** Height below each picture for its words. */
  readonly captionHeight: number;
  readonly gap: number;
  readonly count: number;
  /** Of a list: each thing is a row of this height over the whole width. */
  readonly listHeight?: number;
}

export interface GridLayout {
  readonly columnCount: number;
  readonly rowCount: number;
  /** Distance from one row's top to the next. */
  readonly rowHeight: number;
  /** Side of a tile after the width left over is shared out. */
  readonly tileWidth: number;
  readonly totalHeight: number;
}

/** As many columns as fit; tiles grow a little so that rows fill the width. */
export function layoutGrid(measure: GridMeasure): GridLayout {
  const { width, tileSize, captionHeight, gap, count, listHeight } = measure;
  const isList = listHeight !== undefined;
  const columnCount = isList ? 1 : Math.max(1, Math.floor((width + gap) / (tileSize + gap)));
  const tileWidth = Math.max(1, Math.floor((width - gap * (columnCount - 1)) / columnCount));
  const rowCount = Math.ceil(count / columnCount);
  const rowHeight = (isList ? listHeight : tileWidth + captionHeight) + gap;
  return {
    columnCount,
    rowCount,
    rowHeight,
    tileWidth,
    totalHeight: Math.max(0, rowCount * rowHeight - gap),
  };
}

/** Browsers stop at about 33 million pixels, some at half of it. */
const MOST_PIXELS = 15_000_000;

/** A scrolled height that a browser can have, and how much further the grid goes for each of its pixels. */
export interface ScrolledHeight {
  readonly height: number;
  /** 1 where the whole grid fits. */
  readonly scale: number;
}

/** Of a million large tiles only a part of the height is real: a jump of the scroll bar goes `scale` times as far. */
export function scrolledHeight(wholeHeight: number, viewHeight: number): ScrolledHeight {
  if (wholeHeight <= MOST_PIXELS) return { height: wholeHeight, scale: 1 };
  return { height: MOST_PIXELS, scale: (wholeHeight - viewHeight) / (MOST_PIXELS - viewHeight) };
}

export interface RowRange {
  readonly first: number;
  /** One past the last. */
  readonly end: number;
}

/** How the view moved last; 'jump': by more than its own height at once. */
export type ScrollMotion = 'down' | 'up' | 'jump';

/**
 * Rows to render: those in view, `ahead` view heights in the direction of scrolling and `behind` on the other side,
 * so that pictures are there before they are seen. While jumping, only what is in view: nothing may queue before it.
 */
export function rowsToRender(
  layout: GridLayout,
  scrollTop: number,
  viewHeight: number,
  motion: ScrollMotion,
): RowRange {
  const ahead = motion === 'jump' ? 0 : 2 * viewHeight;
  const behind = motion === 'jump' ? 0 : 0.5 * viewHeight;
  const top = scrollTop - (motion === 'up' ? ahead : behind);
  const bottom = scrollTop + viewHeight + (motion === 'down' ? ahead : behind);
  const first = Math.max(0, Math.min(layout.rowCount, Math.floor(top / layout.rowHeight)));
  const end = Math.max(first, Math.min(layout.rowCount, Math.ceil(bottom / layout.rowHeight)));
  return { first, end };
}

/** Where to scroll so that the row of `index` is wholly in view; the same place where it already is. */
export function scrollToShow(
  layout: GridLayout,
  index: number,
  scrollTop: number,
  viewHeight: number,
): number {
  const top = Math.floor(index / layout.columnCount) * layout.rowHeight;
  const bottom = top + layout.rowHeight;
  if (top < scrollTop) return top;
  return bottom > scrollTop + viewHeight ? bottom - viewHeight : scrollTop;
}
