/** @file Which picture an address of the page asks for: `/thumb/ID?size=` or `/image/ID`, both with a version after them. */
import { ThumbnailSize } from './samples-service.ts';
import { SampleId } from './vocabulary.ts';

export type PictureRequest =
  | { readonly kind: 'thumbnail'; readonly id: SampleId; readonly size: ThumbnailSize }
  | { readonly kind: 'image'; readonly id: SampleId };

/** The parts of a URL that count here. */
interface Address {
  readonly pathname: string;
  readonly searchParams: { get(name: string): string | null };
}

const picturePath = /^\/(thumb|image)\/(\d+)$/;
const usualSize = 96 satisfies ThumbnailSize;

/** null where the address is for something else, or asks for what no picture can be. */
export function parsePictureAddress(address: Address): PictureRequest | null {
  const match = picturePath.exec(address.pathname);
  const id = SampleId.safeParse(Number(match?.[2]));
  if (match === null || !id.success) return null;
  if (match[1] === 'image') return { kind: 'image', id: id.data };
  const size = ThumbnailSize.safeParse(Number(address.searchParams.get('size') ?? usualSize));
  return size.success ? { kind: 'thumbnail', id: id.data, size: size.data } : null;
}
