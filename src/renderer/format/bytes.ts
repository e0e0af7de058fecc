/** @file Sizes in bytes as text, in powers of 1024. */
import { translate } from '../texts/translate.svelte.ts';

const units = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const;

/** 1536 → '1.5 KB'. */
export function formatBytes(bytes: number): string {
  let size = bytes;
  let unitIndex = 0;
  while (size >= 1024 && unitIndex < units.length - 1) {
    size /= 1024;
    unitIndex++;
  }
  if (unitIndex === 0) return translate('{bytes} bytes', { bytes });
  const digits = size >= 100 ? 0 : 1;
  return `${size.toFixed(digits)} ${units[unitIndex] ?? ''}`;
}
