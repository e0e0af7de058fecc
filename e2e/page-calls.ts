/** @file Calls of a service from the page itself, over the ports that the desktop shell hands it: for what no screen offers. */
import type { Page } from '@playwright/test';

export interface PageCall {
  readonly port: 'engine-port' | 'desktop-port';
  readonly service: string;
  readonly name: string;
  readonly request: unknown;
}

/** Answers the result; a failure of the call is thrown with its code. */
export function callFromPage<Result>(page: Page, call: PageCall): Promise<Result> {
  return page.evaluate(async ({ port: wanted, service, name, request }) => {
    // Far from the ids that the page's own client gives.
    const id = 900_000_000 + Math.floor(performance.now());
    const port = await new Promise<MessagePort>((resolve) => {
      window.addEventListener('message', ({ data, ports }: MessageEvent<{ type?: string } | null>) => {
        if (data?.type === wanted && ports[0] !== undefined) resolve(ports[0]);
      });
      (Reflect.get(window, 'whenceDesktop') as { requestPort(): void }).requestPort();
    });
    return new Promise<Result>((resolve, reject) => {
      port.addEventListener(
        'message',
        ({ data }: MessageEvent<{ id?: number; kind?: string; result?: unknown; code?: string }>) => {
          if (data.id !== id) return;
          if (data.kind === 'result') resolve(data.result as Result);
          else reject(new Error(data.code));
        },
      );
      port.start();
      port.postMessage({ kind: 'call', id, service, name, request });
    });
  }, call);
}
