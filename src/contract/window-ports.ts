/** @file How the desktop shell hands ports to its window: the names that main, preload and renderer agree on. */

/** IPC from preload to main: the page wants ports. */
export const portRequest = 'request-ports';
/** Window messages that carry one port each. Also the IPC channels from main to preload. */
export const portNames = ['engine-port', 'desktop-port'] as const;
export type PortName = (typeof portNames)[number];

/** The page's address in the desktop window. */
export const windowScheme = 'whence';
export const windowOrigin = 'whence://app';
