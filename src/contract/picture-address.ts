/** @file Which picture an address of the page asks for: `/thumb/ID?size=`, `/image/ID` or `/query/ID`, each with a version after it. */
import { ThumbnailSize } from './samples-service.ts';
import { QueryId, SampleId } from './vocabulary.ts';

export type PictureRequest =
  | { readonly kind: 'thumbnail'; readonly id: SampleId; readonly size: ThumbnailSize }
  | { readonly kind: 'image'; readonly id: SampleId }
  | { readonly kind: 'query'; readonly id: QueryId };

/** The parts of a URL that count here. */
interface Address {
  readonly pathname: string;
  readonly searchParams: { get(name: string): string | null };
}

const picturePath = /^\/(thumb|image|query)\/(\d+)$/;
const usualSize = 96 satisfies ThumbnailSize;

/** null where the address is for something else, or asks for what no picture can be. */
export function parsePictureAddress(address: Address): PictureRequest | null {
  const match = picturePath.exec(address.pathname);
  if (match === null) return null;
  if (match[1] === 'query') {
    const query = QueryId.safeParse(Number(match[2]));
    return query.success ? { kind: 'query', id: query.data } : null;
  }
  const id = SampleId.safeParse(Number(match[2]));
  if (!id.success) return null;
  if (match[1] === 'image') return { kind: 'image', id: id.data };
  const size = ThumbnailSize.safeParse(Number(address.searchParams.get('size') ?? usualSize));
  return size.success ? { kind: 'thumbnail', id: id.data, size: size.data } : null;
}
