/** @file Whether everything in view of a page can be reached, however large its text. */
import type { Page } from '@playwright/test';

/** Controls that no scrolling brings into view: cut off by the window or by what is around them. Empty where all can be reached. */
export async function unreachable(page: Page): Promise<string[]> {
  const cut = await page.evaluate(() => {
    const controls = document.querySelectorAll<HTMLElement>('button, a, input, select, summary');
    const reachable = (control: HTMLElement): boolean => {
      const box = control.getBoundingClientRect();
      let [left, right, top, bottom] = [0, window.innerWidth, 0, window.innerHeight];
      for (let around = control.parentElement; around !== null; around = around.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(around);
        const edge = around.getBoundingClientRect();
        // What scrolls brings it into its own box, which is then asked about by its surroundings.
        if (['auto', 'scroll'].includes(overflowX) && ['auto', 'scroll'].includes(overflowY)) return true;
        if (['hidden', 'clip'].includes(overflowX))
          [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)];
        if (['hidden', 'clip'].includes(overflowY))
          [top, bottom] = [Math.max(top, edge.top), Math.min(bottom, edge.bottom)];
      }
      const slack = 2;
      return (
        box.left >= left - slack &&
        box.right <= right + slack &&
        box.top >= top - slack &&
        box.bottom <= bottom + slack
      );
    };
    return [...controls]
      .filter((control) => control.checkVisibility() && control.getBoundingClientRect().width > 1)
      .filter((control) => control.closest('[aria-label="Queue"], .visually-hidden') === null)
      .filter((control) => !reachable(control))
      .map((control) => (control.ariaLabel ?? control.textContent).trim() || control.tagName);
  });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  return overflow > 0 ? [`the page is ${overflow} px too wide`, ...cut] : cut;
}
