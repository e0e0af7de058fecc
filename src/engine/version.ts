/** @file Whence's own version, from package.json, for provenance and the machine check. */
import manifest from '../../package.json' with { type: 'json' };

export const whenceVersion: string = manifest.version;
