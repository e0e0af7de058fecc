/** @file What axe finds wrong with a page. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** WCAG 2.2, levels A and AA. */
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** One line for each rule that is broken, with the elements. */
export async function violations(page: Page): Promise<string[]> {
  // Legacy mode, because a page of Electron cannot open the second page that axe would use otherwise.
  const found = await new AxeBuilder({ page }).withTags(rules).setLegacyMode(true).analyze();
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}
