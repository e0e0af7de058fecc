/** @file Entry of the command line. */
import { runCommandLine } from './main.ts';

process.exitCode = await runCommandLine(process.argv.slice(2), { out: process.stdout, err: process.stderr });
