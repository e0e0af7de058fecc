import { encode } from 'cborg';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readContentCredentials } from '../formats/content-credentials.ts';
import { JumbfError } from '../formats/jumbf.ts';
import { parametersIn, readFileClaims } from './file-claims.ts';

const picture = () => sharp({ create: { width: 8, height: 8, channels: 3, background: '#345' } });

function chunk(type: string, data: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, Buffer.from(type), data, crcOf(Buffer.concat([Buffer.from(type), data]))]);
}

function crcOf(bytes: Uint8Array): Buffer {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  const out = Buffer.alloc(4);
  out.writeInt32BE(~crc);
  return out;
}

/** A PNG with these chunks after its head. */
async function withChunks(...chunks: Buffer[]): Promise<Buffer> {
  const png = await picture().png().toBuffer();
  return Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)]);
}

/** An APP1 segment whose only entry is the remark of a person or a program. */
function exifSegment(remark: Buffer): Buffer {
  const tiff = Buffer.alloc(44);
  tiff.write('II*\0', 0, 'latin1');
  tiff.writeUInt32LE(8, 4);
  const directory = (at: number, [tag, type, count, value]: [number, number, number, number]): void => {
    tiff.writeUInt16LE(1, at);
    tiff.writeUInt16LE(tag, at + 2);
    tiff.writeUInt16LE(type, at + 4);
    tiff.writeUInt32LE(count, at + 6);
    tiff.writeUInt32LE(value, at + 10);
  };
  directory(8, [0x8769, 4, 1, 26]);
  directory(26, [0x9286, 7, remark.length, 44]);
  const content = Buffer.concat([Buffer.from('Exif\0\0'), tiff, remark]);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(0xffe1);
  head.writeUInt16BE(2 + content.length, 2);
  return Buffer.concat([head, content]);
}

const text = (keyword: string, value: string): Buffer =>
  chunk('tEXt', Buffer.from(`${keyword}\0${value}`, 'latin1'));

function box(type: string, content: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length);
  head.write(type, 4);
  return Buffer.concat([head, content]);
}

function named(label: string, ...children: Buffer[]): Buffer {
  const description = box(
    'jumd',
    Buffer.concat([Buffer.alloc(16), Buffer.from([3]), Buffer.from(`${label}\0`)]),
  );
  return box('jumb', Buffer.concat([description, ...children]));
}

const cbor = (value: unknown): Buffer => box('cbor', encode(value));

const SOURCE = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';
const credentials = named(
  'c2pa',
  named('urn:uuid:1', named('c2pa.claim', cbor({ claim_generator: 'Older' }))),
  named(
    'urn:uuid:2',
    named(
      'c2pa.assertions',
      named(
        'c2pa.actions.v2',
        cbor({
          actions: [
            {
              action: 'c2pa.created',
              softwareAgent: { name: 'Painter', version: '2' },
              digitalSourceType: SOURCE,
            },
          ],
        }),
      ),
      named('c2pa.hash.data', cbor({})),
    ),
    named(
      'c2pa.claim.v2',
      cbor({ claim_generator_info: { name: 'Painter', version: '2' }, 'dc:title': 'A lion' }),
    ),
  ),
);
const told = {
  ...{ claimGenerator: 'Painter 2', title: 'A lion', manifestCount: 2 },
  actions: [
    { action: 'c2pa.created', softwareAgent: 'Painter 2', digitalSourceType: 'trainedAlgorithmicMedia' },
  ],
  assertions: ['c2pa.actions.v2', 'c2pa.hash.data'],
};

const INFOTEXT =
  'a lion, <lora:x:1>\nNegative prompt: blurry, text\nSteps: 20, Sampler: Euler a, Seed: 5, Size: 512x512, Lora hashes: "x: 1, y: 2", Version: 1.9';

describe('what a file says of itself', () => {
  it('is nothing of most', async () => {
    expect(await readFileClaims(await picture().png().toBuffer())).toBeNull();
    expect(await readFileClaims(await picture().jpeg().toBuffer())).toBeNull();
  });

  it('are the parameters that the web UI writes into a PNG', async () => {
    const claims = await readFileClaims(await withChunks(text('parameters', INFOTEXT)));
    expect(claims).toMatchObject({
      generator: 'Stable Diffusion web UI',
      problems: [],
      contentCredentials: null,
    });
    expect(Object.fromEntries(claims!.parameters.map(({ name, value }) => [name, value]))).toEqual({
      ...{ prompt: 'a lion, <lora:x:1>', 'negative prompt': 'blurry, text', steps: '20', sampler: 'Euler a' },
      ...{ seed: '5', size: '512x512', 'lora hashes': 'x: 1, y: 2', version: '1.9' },
    });
  });

  it('are the same in the EXIF remark of a JPEG', async () => {
    const jpeg = await picture()
      .withExif({ IFD0: { Software: 'Painter' }, IFD2: { UserComment: INFOTEXT } })
      .jpeg()
      .toBuffer();
    const claims = await readFileClaims(jpeg);
    expect(claims).toMatchObject({ generator: 'Stable Diffusion web UI', problems: [] });
    expect(claims!.parameters).toContainEqual({ name: 'seed', value: '5' });
  });

  it('are read from a remark in UTF-16, as the web UI writes it, in either order of bytes', async () => {
    const jpeg = await picture().jpeg().toBuffer();
    const letters = Buffer.from(INFOTEXT, 'utf16le');
    for (const remark of [letters, Buffer.from(letters).swap16()]) {
      const segment = exifSegment(Buffer.concat([Buffer.from('UNICODE\0'), remark]));
      const claims = await readFileClaims(Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]));
      expect(claims!.parameters).toContainEqual({ name: 'sampler', value: 'Euler a' });
    }
  });

  it('are the prompt and the workflow of ComfyUI, whole', async () => {
    const claims = await readFileClaims(
      await withChunks(text('prompt', '{"3":{}}'), text('workflow', '{"nodes":[]}')),
    );
    expect(claims).toMatchObject({
      generator: 'ComfyUI',
      parameters: [{ value: '{"3":{}}' }, { value: '{"nodes":[]}' }],
    });
  });

  it('is the word of IPTC for how it was made', async () => {
    const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType="${SOURCE}"/></rdf:RDF></x:xmpmeta>`;
    const file = await picture().withXmp(xmp).jpeg().toBuffer();
    expect((await readFileClaims(file))!.digitalSourceType).toBe('trainedAlgorithmicMedia');
  });

  it('are content credentials in a PNG, or cut over several segments of a JPEG', async () => {
    const png = await withChunks(chunk('caBX', credentials));
    expect((await readFileClaims(png))!.contentCredentials).toEqual(told);
    const jpeg = await picture().jpeg().toBuffer();
    const half = Math.floor(credentials.length / 2);
    const segment = (number: number, part: Buffer): Buffer => {
      const head = Buffer.alloc(12);
      head.writeUInt16BE(0xffeb);
      head.writeUInt16BE(10 + part.length, 2);
      head.write('JP', 4);
      head.writeUInt16BE(1, 6);
      head.writeUInt32BE(number, 8);
      return Buffer.concat([head, part]);
    };
    const cut = [
      segment(1, credentials.subarray(0, half)),
      segment(2, Buffer.concat([credentials.subarray(0, 8), credentials.subarray(half)])),
    ];
    expect(readContentCredentials(Buffer.concat([jpeg.subarray(0, 2), ...cut, jpeg.subarray(2)]))).toEqual(
      told,
    );
  });

  it('is said to be unreadable where it is, and the rest is read', async () => {
    const claims = await readFileClaims(
      await withChunks(text('parameters', INFOTEXT), chunk('caBX', credentials.subarray(0, 60))),
    );
    expect(claims!.parameters.length).toBeGreaterThan(3);
    expect(claims!.problems[0]).toContain('content credentials cannot be read');
  });

  it('never breaks a reader, whatever a file holds', async () => {
    const png = await withChunks(text('parameters', INFOTEXT), chunk('caBX', credentials));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(png.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 }),
        fc.nat(png.length),
        async (changes, cut) => {
          const broken = Buffer.from(png);
          for (const [at, byte] of changes) broken[at] = byte;
          const claims = await readFileClaims(broken.subarray(0, Math.max(8, cut)));
          expect(claims === null || claims.parameters.length <= 100).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          readContentCredentials(
            Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), chunk('caBX', bytes)]),
          );
        } catch (cause) {
          expect(cause).toBeInstanceOf(JumbfError);
        }
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (line) =>
        parametersIn(line).every(({ name }) => name !== ''),
      ),
      { numRuns: 200 },
    );
  });
});
