/** @file Whether a bundle is the one that was written: every file, every event, the signature. */
import type { VerifiedPart } from '../../contract/reports-service.ts';
import { findBreak } from '../exporting/event-chain.ts';
import { bundleNames } from './bundle.ts';
import { BundleConfig } from './bundle-config.ts';
import type { BundleFiles } from './bundle-zip.ts';
import { readChecksums, sha256 } from './checksums.ts';
import type { ReadBundle } from './read-bundle.ts';
import { checkSignature } from './signing.ts';

export interface CheckedBundle {
  readonly parts: readonly VerifiedPart[];
  /** null: it cannot be read, so that nothing can be held against it. */
  readonly config: BundleConfig | null;
  /** Fingerprint of the key whose signature holds; null: none. */
  readonly signedBy: string | null;
}

export function checkBundle({ files, problems }: ReadBundle): CheckedBundle {
  const config = readConfig(files);
  const signature = checkSigned(files);
  return {
    parts: [
      ...problems,
      ...checkFiles(files),
      ...checkConfig(files, config),
      ...checkEvents(files, config),
      signature.part,
    ],
    config,
    signedBy: signature.signedBy,
  };
}

function checkFiles(files: BundleFiles): VerifiedPart[] {
  const name = bundleNames.checksums;
  const text = textOf(files, name);
  if (text === null)
    return [
      bundleFile(name, 'missing', 'The list of hashes is not there: no file can be checked against it.'),
    ];
  const listed = readChecksums(text);
  if (listed === null)
    return [bundleFile(name, 'changed', 'It is not a list of hashes as Whence writes it.')];
  const own = new Set<string>([bundleNames.checksums, bundleNames.signature]);
  const added = [...files.keys()].filter((file) => !listed.has(file) && !own.has(file));
  return [
    ...Array.from(listed, ([file, hash]) => checkFile(file, hash, files.get(file))),
    ...added.map((file) => bundleFile(file, 'added', 'It is not in the list of hashes.')),
  ];
}

function checkFile(file: string, hash: string, content: Uint8Array | undefined): VerifiedPart {
  if (content === undefined)
    return bundleFile(file, 'missing', 'It is in the list of hashes, and not in the bundle.');
  const found = sha256(content);
  return found === hash
    ? bundleFile(file, 'pass', `SHA-256 ${hash}`)
    : bundleFile(file, 'changed', `SHA-256 ${hash} was expected, ${found} was found.`);
}

function readConfig(files: BundleFiles): BundleConfig | null {
  try {
    return BundleConfig.parse(JSON.parse(textOf(files, bundleNames.config) ?? ''));
  } catch {
    return null;
  }
}

function checkConfig(files: BundleFiles, config: BundleConfig | null): VerifiedPart[] {
  if (config !== null || !files.has(bundleNames.config)) return [];
  return [
    bundleFile(
      bundleNames.config,
      'changed',
      'It is not what Whence writes, so that the project cannot be held against it.',
    ),
  ];
}

/** The chain from its first line on; the first break is named. [Note: Chain] */
function checkEvents(files: BundleFiles, config: BundleConfig | null): VerifiedPart[] {
  const lines = eventLines(files);
  if (lines === null)
    return [
      {
        kind: 'chain',
        name: bundleNames.events,
        result: 'missing',
        detail: 'The events are not in the bundle.',
      },
    ];
  const stated = config === null ? null : { count: config.chain.events, head: config.chain.head };
  const found = findBreak(lines, stated);
  if (found === null)
    return [
      {
        kind: 'chain',
        name: bundleNames.events,
        result: 'pass',
        detail: `${lines.length} events, each linked to the one before.`,
      },
    ];
  return [{ kind: 'event', name: `event ${found.line}`, result: found.result, detail: found.detail }];
}

/** null: there is no such file. */
export function eventLines(files: BundleFiles): string[] | null {
  const text = textOf(files, bundleNames.events);
  if (text === null) return null;
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function checkSigned(files: BundleFiles): { readonly part: VerifiedPart; readonly signedBy: string | null } {
  const { checksums, signature, publicKey } = bundleNames;
  const [sums, signed, pem] = [files.get(checksums), textOf(files, signature), textOf(files, publicKey)];
  const answer = (result: VerifiedPart['result'], detail: string, signedBy: string | null = null) => ({
    part: { kind: 'signature', name: signature, result, detail } as const,
    signedBy,
  });
  if (signed === null && pem === null) return answer('not-checked', 'The bundle is not signed.');
  if (signed === null) return answer('missing', 'There is a key and no signature.');
  if (pem === null) return answer('missing', 'There is a signature and no key.');
  if (sums === undefined) return answer('changed', 'What was signed is not there.');
  const found = checkSignature(sums, pem, signed);
  if (found === null) return answer('changed', 'The key or the signature cannot be read.');
  const { key, holds } = found;
  if (!holds) return answer('changed', `SHA256SUMS is not what the key ${key.fingerprint} signed.`);
  return answer(
    'pass',
    `Signed by the key with the fingerprint ${key.fingerprint}. Whose key that is the bundle cannot say.`,
    key.fingerprint,
  );
}

function textOf(files: BundleFiles, name: string): string | null {
  const bytes = files.get(name);
  return bytes === undefined
    ? null
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function bundleFile(name: string, result: VerifiedPart['result'], detail: string): VerifiedPart {
  return { kind: 'bundle-file', name, result, detail };
}
