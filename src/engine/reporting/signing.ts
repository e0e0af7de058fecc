/** @file The local key that bundles are signed with: Ed25519, made where it is first wanted, readable by its owner alone. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const KEY_FILE = 'signing-key.pem';

export interface PublicKey {
  readonly pem: string;
  /** SHA-256 of the key as DER, in hexadecimal. */
  readonly fingerprint: string;
}

export interface Signed {
  readonly key: PublicKey;
  /** In base 64, as a line. */
  readonly signature: string;
}

/** null: none was made yet. */
export function readPublicKey(homePath: string): PublicKey | null {
  const file = join(homePath, KEY_FILE);
  return existsSync(file) ? describeKey(createPublicKey(createPrivateKey(readFileSync(file)))) : null;
}

export function signBytes(homePath: string, bytes: Uint8Array): Signed {
  const key = openKey(homePath);
  return {
    key: describeKey(createPublicKey(key)),
    signature: `${sign(null, bytes, key).toString('base64')}\n`,
  };
}

/** null: the key or the signature cannot be read. */
export function checkSignature(
  bytes: Uint8Array,
  pem: string,
  signature: string,
): { readonly key: PublicKey; readonly holds: boolean } | null {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType !== 'ed25519') return null;
    const isCanonical = `${Buffer.from(signature, 'base64').toString('base64')}\n` === signature;
    return {
      key: describeKey(key),
      holds: isCanonical && verify(null, bytes, key, Buffer.from(signature, 'base64')),
    };
  } catch {
    return null;
  }
}

function openKey(homePath: string): KeyObject {
  const file = join(homePath, KEY_FILE);
  if (!existsSync(file)) {
    mkdirSync(homePath, { recursive: true });
    const { privateKey } = generateKeyPairSync('ed25519');
    // Another process that makes one at the same time wins: its key is read below.
    try {
      writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    }
  }
  return createPrivateKey(readFileSync(file));
}

function describeKey(key: KeyObject): PublicKey {
  const fingerprint = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
  return { pem: key.export({ type: 'spki', format: 'pem' }).toString(), fingerprint };
}
