/** @file The screens in the order of the rail. */
import type { ScreenName } from '../../state/route.svelte.ts';

export const railOrder: readonly ScreenName[] = [
  'home',
  'import',
  'browse',
  'map',
  'issues',
  'influence',
  'generated',
  'groups',
  'subsets',
  'cases',
  'reports',
  'models',
  'methods',
  'history',
  'settings',
];
