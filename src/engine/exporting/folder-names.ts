/** @file Names of folders and files that every file system takes: what a stranger's class is called must not lead anywhere else. */
import { extensionOf, hasImageExtension } from '../formats/image-format.ts';
import type { LabelRow } from '../storage/label-export.ts';

const LONGEST_NAME = 120;
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
const extensions: Readonly<Record<string, string>> = { jpeg: '.jpg', pixels: '.png', idx: '.png' };

/** One part of a path: no separators, no control characters, no name that Windows keeps for itself; never empty. */
export function safeName(name: string): string {
  const plain = name
    .normalize('NFC')
    // eslint-disable-next-line no-control-regex -- these are what is replaced
    .replace(/[\u0000-\u001f\u007f/\\:*?"<>|]/g, '_')
    .slice(0, LONGEST_NAME)
    .toWellFormed()
    .replace(/[. ]+$/, (end) => '_'.repeat(end.length))
    .replace(/^ +/, (start) => '_'.repeat(start.length));
  return plain === '' || RESERVED.test(plain) || plain.startsWith('.') ? `_${plain}` : plain;
}

/** Gives each thing a name of its own, also where case does not count. */
export class UniqueNames {
  readonly #taken = new Set<string>();

  take(name: string): string {
    const extension = extensionOf(name);
    const stem = extension === '' ? name : name.slice(0, -extension.length);
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? name : `${stem}-${number}${name.slice(stem.length)}`;
      const key = candidate.toLowerCase();
      if (this.#taken.has(key)) continue;
      this.#taken.add(key);
      return candidate;
    }
  }
}

/** What the image's file is called: the last part of its path, with an extension that fits its content. */
export function fileNameOf({ path, format, sourceKind }: LabelRow): string {
  const extension = extensions[format] ?? `.${format}`;
  const isPlace =
    sourceKind === 'idx' || sourceKind === 'npz' || sourceKind === 'cifar' || sourceKind === 'parquet';
  const name = isPlace ? path.replaceAll('/', '_') : path.slice(path.lastIndexOf('/') + 1);
  const found = hasImageExtension(name) ? extensionOf(name) : '';
  if (found === extension || (format === 'jpeg' && /^\.(jpeg|jpe|jfif)$/.test(found))) return safeName(name);
  const stem = name.slice(0, name.length - found.length);
  return safeName(`${stem.slice(0, LONGEST_NAME - extension.length)}${extension}`);
}
