/** @file Which built file an address of the page means; nothing outside the built page is ever served. */
import path from 'node:path';

/** The file for `pathname` under `folder`, or null where the address points elsewhere. */
export function pageFile(folder: string, pathname: string): string | null {
  const name = decode(pathname === '/' ? '/index.html' : pathname);
  if (name === null || name.includes('\0')) return null;
  const file = path.resolve(folder, `.${path.posix.normalize(name)}`);
  return file.startsWith(path.resolve(folder) + path.sep) ? file : null;
}

function decode(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return null; // not valid percent-encoding
  }
}
