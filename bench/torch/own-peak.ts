/** @file `node own-peak.ts TRAINING THREADS`: takes a few of our training steps and prints the peak of this process's memory, in MB. */
import { readFileSync } from 'node:fs';
import { openOwn } from '../own-entrant.ts';
import { trainings, type TrainingName } from './trainings.ts';

const [name, threads] = process.argv.slice(2) as [TrainingName, string];
const own = await openOwn(name, trainings[name].contender(0), Number(threads));
await own.run(5);
await own.close();
const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
process.stdout.write(`${Number(peak![1]) / 1024}\n`);
