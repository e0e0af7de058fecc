/** @file Entry of the process that tests a provider: reads the test, writes the verdict. A crash here costs nothing else. */
import { readFileSync, writeFileSync } from 'node:fs';
import { deserialize } from 'node:v8';
import { selfTest, type SelfTest } from './provider-self-test.ts';

const [testFile, verdictFile] = process.argv.slice(2) as [string, string];
const verdict = await selfTest(deserialize(readFileSync(testFile)) as SelfTest);
writeFileSync(verdictFile, JSON.stringify(verdict));
// Not waiting for a driver to put away what it holds: some never do.
process.exit(0);
