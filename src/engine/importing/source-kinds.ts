/** @file The one list of the kinds of sources; of two that fit equally well the earlier is taken. */
import { recogniseCifar } from './kinds/cifar.ts';
import { recogniseCoco } from './kinds/coco.ts';
import { recogniseFolderLayout } from './kinds/folders.ts';
import { recogniseIdx } from './kinds/idx.ts';
import { recogniseManifest } from './kinds/manifest.ts';
import { recogniseNpz } from './kinds/npz.ts';
import { recogniseParquet } from './kinds/parquet.ts';
import { recogniseWebDataset } from './kinds/webdataset.ts';
import type { RecogniseSource } from './source-look.ts';

export const sourceKinds: readonly RecogniseSource[] = [
  recogniseIdx,
  recogniseCifar,
  recogniseNpz,
  recogniseParquet,
  recogniseCoco,
  recogniseManifest,
  recogniseWebDataset,
  recogniseFolderLayout,
];
