/** @file A stored description made into a network again. */
import { buildClassifier } from '../../core/nn/classifier.ts';
import type { Network } from '../../core/nn/network.ts';
import { fileNetwork } from './file-network.ts';
import { isFromFile, type NetworkDescription } from './network-description.ts';
import { readStoredModel } from './store-model-file.ts';

/** `projectPath`: the folder that the description's file is relative to. */
export function openNetwork(projectPath: string, description: NetworkDescription): Network {
  if (!isFromFile(description)) return buildClassifier(description);
  return fileNetwork(readStoredModel(projectPath, description.file), description);
}
