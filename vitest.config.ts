import { defineConfig } from 'vitest/config';
import { svelte } from '@sveltejs/vite-plugin-svelte';

export default defineConfig({
  plugins: [svelte({ configFile: false })],
  test: {
    include: ['src/**/*.test.ts', 'testing/**/*.test.ts', 'tools/**/*.test.ts', 'scripts/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Native packages (SQLite, ONNX Runtime, sharp) want a process of their own, not a shared worker thread.
    pool: 'forks',
    // Files of one process share what they import: loading it anew for each took a third of the time.
    isolate: false,
    maxWorkers: 2,
  },
});
