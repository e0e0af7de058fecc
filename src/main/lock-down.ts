/** @file What no page of this app may do: leave its own address, open windows, reach the network, ask for devices. */
import { app, type Session } from 'electron';
import { windowOrigin } from '../contract/window-ports.ts';

const allowedSchemes: readonly string[] = ['whence:', 'blob:', 'data:', 'devtools:'];
/** Copying a path or a table is the one thing that needs a permission. */
const allowedPermission = 'clipboard-sanitized-write';

export function lockDown(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, decide) =>
    decide(permission === allowedPermission),
  );
  session.setPermissionCheckHandler((_contents, permission) => permission === allowedPermission);
  session.webRequest.onBeforeRequest((details, decide) =>
    decide({ cancel: !allowedSchemes.includes(new URL(details.url).protocol) }),
  );
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-navigate', (event) => {
      if (!isOwnPage(event.url)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
  });
}

export function isOwnPage(address: string): boolean {
  return address === windowOrigin || address.startsWith(`${windowOrigin}/`);
}
