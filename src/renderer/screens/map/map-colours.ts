/** @file The colours of a map's points, from the tokens of the theme that is shown. */
import type { MapColours } from '../../../contract/maps-service.ts';

type Rgb = readonly [number, number, number];

/** As many as there are tokens `--series-…`. */
export const SERIES = 12;

export interface ThemeColours {
  readonly series: readonly Rgb[];
  /** Of a scale, from its smallest to its largest value. */
  readonly scale: readonly Rgb[];
  /** Of what has no value. */
  readonly none: Rgb;
  readonly ink: Rgb;
}

/** As the tokens stand on `element` now. A canvas turns whatever the style sheet says into numbers. */
export function readThemeColours(element: HTMLElement): ThemeColours {
  const style = getComputedStyle(element);
  const canvas = new OffscreenCanvas(256, 1);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const probe = document.createElement('span');
  element.append(probe);
  const resolve = (token: string): string => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color || style.color;
  };
  const rgb = (at: number): Rgb => {
    const [red = 0, green = 0, blue = 0] = context?.getImageData(at, 0, 1, 1).data ?? [];
    return [red, green, blue];
  };
  const read = (token: string): Rgb => {
    if (context !== null) {
      context.fillStyle = resolve(token);
      context.fillRect(0, 0, 1, 1);
    }
    return rgb(0);
  };
  const series = Array.from({ length: SERIES }, (_, index) => read(`--series-${index + 1}`));
  const [none, ink] = [read('--series-none'), read('--ink')];
  const gradient = context?.createLinearGradient(0, 0, 256, 0);
  for (const [index, token] of ['--scale-low', '--scale-middle', '--scale-high'].entries())
    gradient?.addColorStop(index / 2, resolve(token));
  if (context !== null && gradient !== undefined) {
    context.fillStyle = gradient;
    context.fillRect(0, 0, 256, 1);
  }
  const scale = Array.from({ length: 256 }, (_, at) => rgb(at));
  probe.remove();
  return { series, scale, none, ink };
}

/** Red, green, blue and one unused number of each point. */
export function colourPoints(count: number, colours: MapColours | null, theme: ThemeColours): Uint8Array {
  const found = new Uint8Array(4 * count);
  for (let point = 0; point < count; point++) found.set(colourOf(point, colours, theme), 4 * point);
  return found;
}

function colourOf(point: number, colours: MapColours | null, theme: ThemeColours): Rgb {
  if (colours === null) return theme.none;
  if (colours.kind === 'categories') return theme.series[colours.codes[point]! % SERIES] ?? theme.none;
  const value = colours.values[point]!;
  if (Number.isNaN(value)) return theme.none;
  const share = colours.to > colours.from ? (value - colours.from) / (colours.to - colours.from) : 0.5;
  return theme.scale[Math.round(255 * share)] ?? theme.none;
}
