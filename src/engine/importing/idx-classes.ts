/** @file What the label numbers of well-known IDX sets mean. */

const FASHION = [
  't-shirt',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle-boot',
] as const;

/** The name of a label: the garment where the path says that the set is Fashion-MNIST, the number otherwise. */
export function idxClassName(sourcePath: string, label: number): string {
  const isFashion = /fashion/i.test(sourcePath.split(/[\\/]/).slice(-3).join('/'));
  return (isFashion ? FASHION[label] : undefined) ?? String(label);
}
