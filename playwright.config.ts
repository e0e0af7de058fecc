import { defineConfig } from '@playwright/test';
import type { HostOptions } from './e2e/fixtures.ts';
import { hasDisplay } from './e2e/places.ts';

const onlyDesktop = /(import|copying|engine-crash|security|reports)\.spec\.ts/;
const onlyServed = /served\.spec\.ts/;

export default defineConfig<HostOptions>({
  testDir: 'e2e/specs',
  outputDir: 'test-results/e2e',
  globalSetup: './e2e/prepare-project.ts',
  // Windows on one display take the focus from each other; where each worker has a display of its own, two go on side by side.
  workers: hasDisplay ? 1 : 2,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env['CI']),
  reporter: 'list',
  projects: [
    { name: 'desktop', use: { host: 'desktop' }, testIgnore: onlyServed },
    { name: 'served', use: { host: 'served' }, testIgnore: onlyDesktop },
  ],
});
