/** @file Points on a plain canvas, for machines without a graphics card: the same picture, slower, its dots square. */
import type { Place } from './map-view.ts';
import {
  FADED,
  FADED_ALPHA,
  HIDDEN,
  POINT_ALPHA,
  SELECTED,
  SELECTED_GROWTH,
  type Frame,
  type MapScene,
  type Painter,
} from './painter.ts';

export class CanvasPainter implements Painter {
  readonly kind = 'canvas';
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
  }

  draw(scene: MapScene, frame: Frame): void {
    const context = this.#context;
    if (context === null) return;
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    for (const layer of [FADED, 0, SELECTED]) this.#drawLayer(context, scene, frame, layer);
  }

  dispose(): void {
    this.#context?.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  #drawLayer(context: CanvasRenderingContext2D, scene: MapScene, frame: Frame, layer: number): void {
    const { positions, colours, flags, ink } = scene;
    const dot = frame.dot * frame.pixelRatio * (layer === SELECTED ? SELECTED_GROWTH : 1);
    context.globalAlpha = layer === SELECTED ? 1 : layer === FADED ? FADED_ALPHA : POINT_ALPHA;
    for (let point = 0; point < flags.length; point++) {
      const flag = flags[point]!;
      const own = (flag & SELECTED) !== 0 ? SELECTED : flag & FADED;
      if ((flag & HIDDEN) !== 0 || own !== layer) continue;
      const { x, y } = this.#placeOf(frame, positions[2 * point]!, positions[2 * point + 1]!);
      if (layer === SELECTED) {
        context.fillStyle = `rgb(${ink.join(' ')})`;
        context.fillRect(x - dot / 2 - 1, y - dot / 2 - 1, dot + 2, dot + 2);
      }
      context.fillStyle = `rgb(${colours[4 * point]} ${colours[4 * point + 1]} ${colours[4 * point + 2]})`;
      context.fillRect(x - dot / 2, y - dot / 2, dot, dot);
    }
  }

  #placeOf({ view, pixelRatio }: Frame, x: number, y: number): Place {
    return {
      x: this.#canvas.width / 2 + (x - view.x) * view.scale * pixelRatio,
      y: this.#canvas.height / 2 + (y - view.y) * view.scale * pixelRatio,
    };
  }
}
