import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutGrid, rowsToRender, scrolledHeight, scrollToShow } from './virtual-layout.ts';

const layout = layoutGrid({ width: 1000, tileSize: 96, captionHeight: 20, gap: 8, count: 50_000 });

describe('scrolledHeight', () => {
  it('is the whole height where a browser can have it, and else reaches the same end', () => {
    expect(scrolledHeight(1_000_000, 800)).toEqual({ height: 1_000_000, scale: 1 });
    const { height, scale } = scrolledHeight(70_000_000, 800);
    expect(height).toBeLessThan(16_000_000);
    expect((height - 800) * scale).toBeCloseTo(70_000_000 - 800, 3);
  });
});

describe('layoutGrid', () => {
  it('fits as many columns as there is room for, and never none', () => {
    expect(layout.columnCount).toBe(9);
    expect(layoutGrid({ width: 50, tileSize: 96, captionHeight: 0, gap: 8, count: 3 }).columnCount).toBe(1);
  });

  it('fills the width but never overflows it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 120, max: 4000 }),
        fc.integer({ min: 40, max: 320 }),
        (width, tileSize) => {
          const { columnCount, tileWidth } = layoutGrid({
            width,
            tileSize,
            captionHeight: 0,
            gap: 8,
            count: 10,
          });
          const used = columnCount * tileWidth + (columnCount - 1) * 8;
          expect(used).toBeLessThanOrEqual(Math.max(width, tileWidth));
          expect(width - used).toBeLessThan(columnCount + tileSize);
        },
      ),
    );
  });

  it('is one column of rows where it is a list', () => {
    const measure = { width: 1000, tileSize: 96, captionHeight: 20, gap: 0, count: 7, listHeight: 40 };
    expect(layoutGrid(measure)).toEqual({
      ...{ columnCount: 1, rowCount: 7, rowHeight: 40 },
      ...{ tileWidth: 1000, totalHeight: 280 },
    });
  });

  it('has room for every image, and no height for none', () => {
    expect(layout.rowCount * layout.columnCount).toBeGreaterThanOrEqual(50_000);
    expect((layout.rowCount - 1) * layout.columnCount).toBeLessThan(50_000);
    expect(layoutGrid({ width: 1000, tileSize: 96, captionHeight: 20, gap: 8, count: 0 }).totalHeight).toBe(
      0,
    );
  });
});

describe('rowsToRender', () => {
  it('always covers the rows in view and stays within the grid', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: layout.totalHeight - 800, noNaN: true }),
        fc.constantFrom('down' as const, 'up' as const, 'jump' as const),
        (scrollTop, motion) => {
          const { first, end } = rowsToRender(layout, scrollTop, 800, motion);
          expect(first * layout.rowHeight).toBeLessThanOrEqual(scrollTop);
          expect(end === layout.rowCount || end * layout.rowHeight >= scrollTop + 800).toBe(true);
          expect(first).toBeGreaterThanOrEqual(0);
          expect(end).toBeLessThanOrEqual(layout.rowCount);
        },
      ),
    );
  });

  it('reaches further ahead than behind', () => {
    const down = rowsToRender(layout, 100_000, 800, 'down');
    const up = rowsToRender(layout, 100_000, 800, 'up');
    expect(down.end).toBeGreaterThan(up.end);
    expect(up.first).toBeLessThan(down.first);
  });

  it('renders no more than what is in view while jumping', () => {
    const { first, end } = rowsToRender(layout, 100_000, 800, 'jump');
    expect(end - first).toBeLessThanOrEqual(Math.ceil(800 / layout.rowHeight) + 1);
  });

  it('renders nothing of a grid that a filter emptied under the scroll position', () => {
    const empty = layoutGrid({ width: 1000, tileSize: 96, captionHeight: 20, gap: 8, count: 0 });
    expect(rowsToRender(empty, 5000, 800, 'down')).toEqual({ first: 0, end: 0 });
  });
});

describe('scrollToShow', () => {
  it('scrolls as little as it can, in either direction, and not at all within view', () => {
    const row = (index: number): number => index * layout.columnCount;
    expect(scrollToShow(layout, row(10), 10 * layout.rowHeight, 800)).toBe(10 * layout.rowHeight);
    expect(scrollToShow(layout, row(2), 10 * layout.rowHeight, 800)).toBe(2 * layout.rowHeight);
    expect(scrollToShow(layout, row(30), 10 * layout.rowHeight, 800)).toBe(31 * layout.rowHeight - 800);
  });
});
