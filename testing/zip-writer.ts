/** @file Zips for tests: whole ones, and every lie that a zip can tell. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly bytes: Uint8Array | string;
  /** Packed unless this is true. */
  readonly stored?: boolean;
  /** Unix mode in the upper half; 0o120777 makes a link. */
  readonly mode?: number;
  /** Size that the directory states. */
  readonly claimedBytes?: number;
  /** Position that the directory states. */
  readonly claimedOffset?: number;
}

/** Entries by name; plain content is packed. */
export function encodeZip(entries: Readonly<Record<string, ZipEntry | Uint8Array | string>>): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, given] of Object.entries(entries)) {
    const entry: ZipEntry =
      typeof given === 'string' || given instanceof Uint8Array ? { bytes: given } : given;
    const bytes = Buffer.from(entry.bytes as Uint8Array);
    const packed = entry.stored === true ? bytes : deflateRawSync(bytes);
    const nameBytes = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800, 2);
    common.writeUInt16LE(entry.stored === true ? 0 : 8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(entry.claimedBytes ?? bytes.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((entry.mode ?? 0) << 16) >>> 0, 6);
    tail.writeUInt32LE(entry.claimedOffset ?? offset, 10);
    const made = Buffer.from([20, entry.mode === undefined ? 0 : 3]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), made, common, tail, nameBytes]));
    files.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, central, end]);
}
