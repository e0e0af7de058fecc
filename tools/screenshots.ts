/**
 * @file `npm run screenshots [-- PROJECT]`: pictures of every screen, light and dark, for the README and the documentation.
 * Shows the demo's project (run `npm run demo` first) in a browser tab of 1440 × 900, and decides nothing in it.
 */
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ServedSession } from '../e2e/sessions/served-session.ts';
import { screenNames, themes, Whence } from '../e2e/screens/whence.ts';

const root = path.resolve(import.meta.dirname, '..');
const target = path.join(root, 'docs/images');
const source = path.resolve(process.argv[2] ?? path.join(root, 'demo.whence'));

const workspace = await mkdtemp(path.join(tmpdir(), 'whence-pictures-'));
// A copy, so that looking leaves no trace in the person's own project.
const project = path.join(workspace, path.basename(source));
await cp(source, project, { recursive: true });
await mkdir(target, { recursive: true });
const session = new ServedSession(path.join(workspace, 'home'));
const whence = new Whence(session);
try {
  await whence.start(project);
  for (const theme of themes) {
    await whence.choose(theme);
    for (const screen of screenNames) {
      await whence.goTo(screen);
      if (screen === 'Issues') await whence.issues.waitForQueue();
      await whence.page.mouse.move(720, 890); // no hover marks
      await whence.settle();
      await whence.page.screenshot({ path: path.join(target, `${screen.toLowerCase()}-${theme}.png`) });
    }
  }
} finally {
  await session.stop();
  await rm(workspace, { recursive: true, force: true });
}
