/** @file README.txt of a bundle: what is in it, and how to check it without Whence. */
import { refuseBlockedWords } from '../../contract/blocked-words.ts';
import type { PublicKey } from './signing.ts';

export function bundleReadme(key: PublicKey | null): string {
  return refuseBlockedWords(`A report of a copyright case, with what it rests on. Made by Whence.

report.html       the report; opens in any browser, without a network
config.json       every run with all of its parameters, hashes of query images and models
case.json         the case as data
events.jsonl      what was done in the case, one event a line, chained by hashes
manifest.csv      every training image with its SHA-256
scores/           what the checks computed, every figure in full
exhibits/         pictures of the exhibits
environment.json  programs and machine
SHA256SUMS        the SHA-256 of every file above

HOW TO CHECK IT WITH WHENCE

  whence verify BUNDLE.zip
  whence verify BUNDLE.zip --project PROJECT.whence
  whence verify BUNDLE.zip --project PROJECT.whence --rerun

HOW TO CHECK IT WITHOUT WHENCE

Unpack the zip. Files are as they were written when this prints only OK:

  sha256sum -c SHA256SUMS          (Linux)
  shasum -a 256 -c SHA256SUMS      (macOS)
${key === null ? UNSIGNED : signedText(key)}
The chain: in events.jsonl, take a line, remove its last part ,"hash":"..." (the brace at the end stays),
and the SHA-256 of what is left is that hash. "previous" is the hash of the line before, zeros in the first.
The hash of the last line, and how many lines there are, stand in config.json under "chain".

Hashes show whether a file is the one that was written. They do not show who wrote it, or whether it was
true. The report says what else it does not show, under Limitations.
`);
}

const UNSIGNED = `
This bundle is not signed: whoever can write files can write another with other sums.
`;

function signedText({ fingerprint }: PublicKey): string {
  return `
SHA256SUMS is signed. The signature holds when this prints "Signature Verified Successfully":

  base64 -d SHA256SUMS.sig > sums.sig
  openssl pkeyutl -verify -pubin -inkey signing-key.pem -rawin -in SHA256SUMS -sigfile sums.sig

Ask the signer, by another way, whether this is the fingerprint of the key:

  ${fingerprint}

  openssl pkey -pubin -in signing-key.pem -outform DER | sha256sum
`;
}
