/** @file What importing one ONNX operator consists of. */
import type { Value } from '../../graph/graph.ts';
import type { ImportSite } from './import-site.ts';

export interface ImportRule {
  /** What of the operator is not supported, or how it is read, in a few words; '' where all of it is. Printed in docs/supported-ops.md. */
  readonly limits: string;
  /** Whether gradients flow through it; false for steps, positions and what is known anyway. */
  readonly isDifferentiable: boolean;
  /** One value per output of the node that the file may use; throws through `site.refuse`. */
  readonly build: (site: ImportSite) => readonly Value[];
}

/** By operator type; operators of other domains than the standard one as `domain.Type`. */
export type ImportRules = Readonly<Record<string, ImportRule>>;

/** An operator of which everything that a vision model uses is supported. */
export function whole(build: ImportRule['build']): ImportRule {
  return { limits: '', isDifferentiable: true, build };
}

export function limited(limits: string, build: ImportRule['build']): ImportRule {
  return { limits, isDifferentiable: true, build };
}

/** An operator through which no gradient flows. */
export function stepwise(build: ImportRule['build'], limits = ''): ImportRule {
  return { limits, isDifferentiable: false, build };
}
