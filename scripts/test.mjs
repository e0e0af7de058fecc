/**
 * @file `npm test`: sets up, runs every stage even where an earlier one failed (those that only read files side by side), and ends with
 * `N passed, N failed`.
 * `node scripts/test.mjs STAGE… [args]` runs only those stages; args go to each of their tools.
 */
import { prepare } from './setup/prepare.mjs';
import { fail } from './setup/say.mjs';
import { needs, readOnly, stages } from './test/stages.mjs';

/** Stages that only read files run two at a time: each is one thread. */
const LANES = 2;

const words = process.argv.slice(2);
const firstArgument = words.findIndex((word) => !Object.hasOwn(stages, word));
const named = firstArgument < 0 ? words : words.slice(0, firstArgument);
const extra = firstArgument < 0 ? [] : words.slice(firstArgument);
const chosen = named.length > 0 ? named : Object.keys(stages);

try {
  const { node } = await prepare(chosen.includes('e2e') ? 'test' : 'cli');
  const results = [];
  const sideBySide = chosen.filter((name) => readOnly.has(name));
  await Promise.all(Array.from({ length: LANES }, () => runLane(node, sideBySide, results)));
  for (const name of chosen) if (!readOnly.has(name)) results.push(await runStage(node, name, results));
  const failed = report(results);
  process.exitCode = failed === 0 ? 0 : 1;
} catch (error) {
  fail(error);
}

/** Takes one stage after the other from the list that the lanes share. */
async function runLane(node, waiting, results) {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
    results.push(await runStage(node, name, results));
}

async function runStage(node, name, earlier) {
  const needed = earlier.find((result) => result.name === needs[name]);
  if (needed !== undefined && needed.failed > 0)
    return { name, passed: 0, failed: 1, note: `needs ${needed.name}` };
  console.log(`\n── ${name} ${'─'.repeat(Math.max(0, 70 - name.length))}`);
  const start = performance.now();
  // Arguments are for the tests; the build in front of them takes none.
  const counts = await stages[name](node, name === 'build' ? [] : extra);
  return { name, ...counts, seconds: (performance.now() - start) / 1000 };
}

/** Prints the table and, as the last line, the totals; answers how many checks failed. */
function report(results) {
  console.log(
    `\n${'stage'.padEnd(10)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'seconds'.padStart(10)}`,
  );
  for (const { name, passed, failed, seconds, skipped = 0, note = '' } of results) {
    const time = seconds === undefined ? '–' : seconds.toFixed(1);
    const remark = skipped > 0 ? `${skipped} skipped` : note;
    const row = [String(passed).padStart(8), String(failed).padStart(8), time.padStart(10)].join('');
    console.log(`${name.padEnd(10)}${row}  ${remark}`.trimEnd());
  }
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
  console.log(`\n${total('passed')} passed, ${total('failed')} failed`);
  return total('failed');
}
