/** @file `npm run setup [-- cli|window|test]`: installs what is missing; quiet where nothing is. */
import { prepare } from './setup/prepare.mjs';
import { fail, SetupError } from './setup/say.mjs';

const purposes = ['cli', 'window', 'test'];
const purpose = process.argv[2] ?? 'window';
if (!purposes.includes(purpose))
  fail(new SetupError(`Expected one of ${purposes.join(', ')}, not ${purpose}.`));
await prepare(purpose).catch(fail);
