import { defineConfig } from '@playwright/test';
import type { HostOptions } from './e2e/fixtures.ts';

const onlyDesktop = /(spine|import|engine-crash|security|reports)\.spec\.ts/;
const onlyServed = /served\.spec\.ts/;

export default defineConfig<HostOptions>({
  testDir: 'e2e/specs',
  outputDir: 'test-results/e2e',
  globalSetup: './e2e/prepare-project.ts',
  // One window at a time: two would compete for the processor and for the focus.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env['CI']),
  reporter: 'list',
  projects: [
    { name: 'desktop', use: { host: 'desktop' }, testIgnore: onlyServed },
    { name: 'served', use: { host: 'served' }, testIgnore: onlyDesktop },
  ],
});
