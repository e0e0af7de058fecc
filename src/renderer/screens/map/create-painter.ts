/** @file Draws on the graphics card, or where there is none, on a plain canvas. */
import { CanvasPainter } from './canvas-painter.ts';
import type { Painter } from './painter.ts';
import { WebGlPainter } from './webgl-painter.ts';

export function createPainter(canvas: HTMLCanvasElement): Painter {
  const gl = canvas.getContext('webgl2', { antialias: false, premultipliedAlpha: true });
  return gl === null ? new CanvasPainter(canvas) : new WebGlPainter(canvas, gl);
}
