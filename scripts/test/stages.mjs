/** @file The stages of `npm test`, in order. Each runs to its end and answers how many checks passed and failed. */
import fs from 'node:fs';
import path from 'node:path';
import { build } from '../build-when-stale.mjs';
import { electronEnvironment, runNode, toolFile } from '../run-process.mjs';
import { reports } from '../setup/places.mjs';
import { checkSize } from './size.mjs';

/** A stage that is one check: its exit code decides. */
function check(...commands) {
  return async (node, extra) => {
    for (const [packageName, args, name] of commands) {
      const code = await runNode(node, [toolFile(packageName, name), ...args, ...extra]);
      if (code !== 0) return { passed: 0, failed: 1 };
    }
    return { passed: 1, failed: 0 };
  };
}

const rendererCheck = ['--tsconfig', 'tsconfig.renderer.json', '--fail-on-warnings', '--output', 'human'];
const walled = ['src', 'bench', 'e2e', 'testing', 'tools'];

export const stages = {
  types: check(
    ['typescript', ['-p', 'tsconfig.core.json'], 'tsc'],
    ['typescript', ['-p', 'tsconfig.node.json'], 'tsc'],
    ['typescript', ['-p', 'tsconfig.e2e.json'], 'tsc'],
    ['svelte-check', rendererCheck],
  ),
  format: check(['prettier', ['--check', '--log-level', 'warn', '.']]),
  lint: check(['oxlint', ['--deny-warnings']], ['eslint', ['.', '--max-warnings', '0']]),
  walls: check(['dependency-cruiser', ['--config', '.dependency-cruiser.cjs', ...walled], 'depcruise']),
  dead: check(['knip', ['--no-progress']]),
  docs: async (node) =>
    (await runNode(node, ['tools/build-docs.ts', '--check'])) === 0
      ? { passed: 1, failed: 0 }
      : { passed: 0, failed: 1 },
  size: () => Promise.resolve(checkSize() ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }),
  unit: runUnitTests,
  build: async (node) => ((await build(node)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }),
  e2e: runWindowTests,
};

/** Stages that change nothing and time nothing, the longest first. */
export const readOnly = new Set(['types', 'format', 'lint', 'walls', 'dead', 'docs', 'size']);

/** A stage without the one it needs cannot say anything. */
export const needs = { e2e: 'build' };

async function runUnitTests(node, extra) {
  const report = freshReport('unit.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await runNode(node, [toolFile('vitest'), 'run', ...reporters, ...extra]);
  const {
    numPassedTests: passed = 0,
    numFailedTests: failed = 0,
    numPendingTests: skipped = 0,
  } = readReport(report);
  return settle(code, { passed, failed, skipped });
}

async function runWindowTests(node, extra) {
  const report = freshReport('e2e.json');
  const env = { ...electronEnvironment(), PLAYWRIGHT_JSON_OUTPUT_NAME: report };
  const args = [toolFile('@playwright/test', 'playwright'), 'test', '--reporter=list,json', ...extra];
  const code = await runNode(node, args, { env });
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = readReport(report).stats ?? {};
  return settle(code, { passed: expected + flaky, failed: unexpected, skipped });
}

/** A run that failed without a failed test (a file that does not load, a crash) is a failure too. */
function settle(code, counts) {
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function freshReport(name) {
  const file = path.join(reports, name);
  fs.mkdirSync(reports, { recursive: true });
  fs.rmSync(file, { force: true });
  return file;
}

function readReport(file) {
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
}
