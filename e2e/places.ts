/** @file Where the tests find the app and keep what they make. */
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');
export const samplePath = path.join(root, 'resources/sample/fashion');
/** Made once per test run, copied by the tests that start from a finished analysis. */
export const cachePath = path.join(root, '.cache/e2e');
export const preparedSource = path.join(cachePath, 'fashion-small');
export const preparedProject = path.join(cachePath, 'prepared.whence');
/** A classifier of the sample's ten classes, as a person might bring it; made by the script beside it. */
export const smallModel = path.join(root, 'e2e/models/small-cnn.onnx');
export const screenshotPath = path.join(root, 'test-results/screens');

/** The Node that runs the engine: given by the script that starts the tests, else the one that runs them. */
export const node = process.env['WHENCE_NODE'] ?? process.execPath;

/** Whether windows have somewhere to open; if not, each worker of the tests starts a virtual screen. */
export const hasDisplay =
  process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
