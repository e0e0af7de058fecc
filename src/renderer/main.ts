/** @file Entry of the window. */
import '@fontsource-variable/hanken-grotesk';
import { mount } from 'svelte';
import App from './App.svelte';
import { createHost } from './host/host.ts';
import { createApp } from './state/app.svelte.ts';
import './ui/tokens.css';
import './ui/base.css';

const target = document.getElementById('app');
if (target === null) throw new Error('internal: #app is missing');
const app = createApp(createHost());
await app.language.isReady;
mount(App, { target, props: { app } });
