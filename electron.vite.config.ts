import { defineConfig } from 'electron-vite';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { texts } from './tools/texts/texts-plugin.ts';

// The oldest runtime that a build must run on: the stand-in Electron of offline tests (Electron 33).
const nodeTarget = 'node20.18';
const chromeTarget = 'chrome130';

export default defineConfig({
  main: {
    plugins: [texts('src/main/translate.ts')],
    build: {
      target: nodeTarget,
      rolldownOptions: {
        input: {
          main: 'src/main/main.ts',
          engine: 'src/engine/engine.ts',
          'run-worker': 'src/engine/runs/run-worker.ts',
          'counting-worker': 'src/engine/counting/counting-worker.ts',
          'modelling-worker': 'src/engine/modelling/modelling-worker.ts',
          'self-test-process': 'src/engine/runtime/self-test-process.ts',
        },
        // Flat, because the engine finds its workers beside its own file.
        output: { entryFileNames: '[name].js', chunkFileNames: 'part-[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      target: nodeTarget,
      rolldownOptions: {
        input: { preload: 'src/preload/preload.ts' },
        // A sandboxed preload must be CommonJS, and .cjs because package.json says "type": "module".
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [texts('src/renderer/texts/translate.svelte.ts'), svelte({ configFile: false })],
    build: {
      target: chromeTarget,
      // The window's policy allows fonts and scripts from files only, not from data: addresses.
      assetsInlineLimit: 0,
      rolldownOptions: { input: 'src/renderer/index.html' },
    },
  },
});
