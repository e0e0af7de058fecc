/** @file What the themes are called. */
import type { Theme } from '../../../contract/settings-service.ts';
import { translate } from '../../texts/translate.svelte.ts';

export const themeWords = {
  system: translate('system'),
  light: translate('light'),
  dark: translate('dark'),
} as const satisfies Record<Theme, string>;
