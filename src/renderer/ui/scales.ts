/** @file Where values stand along an axis, and which of them are named there. Places are shares of the axis: 0 … 1. */

export interface Scale {
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

/** The share of a logarithmic axis at its start that is kept for zero. */
const ZERO_SHARE = 0.08;

/** From a round number at or below the least value to one at or above the greatest, in about `tickCount` round steps. */
export function linearScale(values: readonly number[], tickCount: number): Scale {
  const [least, greatest] = extent(values, [0, 1]);
  const span = greatest === least ? Math.abs(least) || 1 : greatest - least;
  const step = roundStep(span / tickCount);
  const first = Math.floor(least / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(greatest / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => clean((first + index) * step));
  return { place: (value) => (value / step - first) / (last - first), ticks };
}

/**
 * Whole powers of ten around the positive values. Zero has no logarithm: where it occurs it stands at the very start, apart from
 * the rest.
 */
export function logScale(values: readonly number[]): Scale {
  const [least, greatest] = extent(
    values.filter((value) => value > 0),
    [1, 10],
  );
  const first = Math.floor(Math.log10(least) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(greatest) - 1e-9));
  const zeroShare = values.some((value) => value <= 0) ? ZERO_SHARE : 0;
  const decades = Array.from({ length: last - first + 1 }, (_, index) => clean(10 ** (first + index)));
  return {
    place: (value) =>
      value <= 0 ? 0 : zeroShare + (1 - zeroShare) * ((Math.log10(value) - first) / (last - first)),
    ticks: zeroShare > 0 ? [0, ...decades] : decades,
  };
}

function extent(values: readonly number[], fallback: readonly [number, number]): readonly [number, number] {
  return values.length === 0 ? fallback : [Math.min(...values), Math.max(...values)];
}

/** The least of 1, 2, 5 × 10ⁿ that is no smaller than `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= step * (1 - 1e-9)) ?? 10);
}

/** 0.30000000000000004 → 0.3. */
function clean(value: number): number {
  return Number(value.toPrecision(12));
}
