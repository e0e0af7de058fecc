/** @file What the screens are called. */
import type { ScreenName } from '../../state/route.svelte.ts';

export const screenTitles = {
  home: 'Home',
  import: 'Import',
  browse: 'Browse',
  map: 'Map',
  issues: 'Issues',
  influence: 'Influence',
  generated: 'Generated',
  groups: 'Groups',
  subsets: 'Subsets',
  models: 'Models',
  methods: 'Methods',
  history: 'History',
} as const satisfies Record<ScreenName, string>;
