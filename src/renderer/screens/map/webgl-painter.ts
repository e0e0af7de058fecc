/** @file Points on the graphics card: each buffer is sent when it changes, moving the map costs three draws. */
import {
  FADED_ALPHA,
  POINT_ALPHA,
  SELECTED_GROWTH,
  type Frame,
  type MapScene,
  type Painter,
} from './painter.ts';

const VERTEX = `#version 300 es
in vec2 position;
in vec4 colour;
in uint flags;
uniform vec2 centre;
uniform vec2 scale;
uniform float dot_;
uniform int layer;
out vec4 shade;
flat out float ring;
void main() {
  bool isSelected = (flags & 1u) != 0u;
  bool isFaded = (flags & 2u) != 0u;
  bool isHidden = (flags & 4u) != 0u;
  int own = isSelected ? 2 : isFaded ? 0 : 1;
  if (isHidden || own != layer) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    gl_PointSize = 1.0;
    return;
  }
  gl_Position = vec4((position - centre) * scale, 0.0, 1.0);
  gl_PointSize = dot_ * (isSelected ? ${SELECTED_GROWTH.toFixed(2)} : 1.0);
  shade = vec4(colour.rgb, isSelected ? 1.0 : isFaded ? ${FADED_ALPHA} : ${POINT_ALPHA});
  ring = isSelected ? 1.0 : 0.0;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec4 shade;
flat in float ring;
uniform vec3 ink;
uniform float dot_;
out vec4 pixel;
void main() {
  float away = length(gl_PointCoord - 0.5) * 2.0;
  float edge = 2.0 / dot_;
  float alpha = shade.a * (1.0 - smoothstep(1.0 - edge, 1.0, away));
  if (alpha <= 0.0) discard;
  vec3 tone = mix(shade.rgb, ink, ring * smoothstep(0.55, 0.7, away));
  pixel = vec4(tone * alpha, alpha);
}`;

const LAYERS = 3;

type BufferName = 'positions' | 'colours' | 'flags';

export class WebGlPainter implements Painter {
  readonly kind = 'webgl';
  readonly #canvas: HTMLCanvasElement;
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #buffers: Readonly<Record<BufferName, WebGLBuffer>>;
  #sent: Partial<MapScene> = {};

  constructor(canvas: HTMLCanvasElement, gl: WebGL2RenderingContext) {
    this.#canvas = canvas;
    this.#gl = gl;
    this.#program = link(gl);
    this.#buffers = { positions: gl.createBuffer(), colours: gl.createBuffer(), flags: gl.createBuffer() };
    gl.useProgram(this.#program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  draw(scene: MapScene, { view, size, dot, pixelRatio }: Frame): void {
    const gl = this.#gl;
    if (gl.isContextLost()) return;
    this.#send(scene);
    gl.viewport(0, 0, this.#canvas.width, this.#canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(this.#place('centre'), view.x, view.y);
    gl.uniform2f(this.#place('scale'), (2 * view.scale) / size.width, (-2 * view.scale) / size.height);
    gl.uniform1f(this.#place('dot_'), dot * pixelRatio);
    const [red, green, blue] = scene.ink;
    gl.uniform3f(this.#place('ink'), red / 255, green / 255, blue / 255);
    for (let layer = 0; layer < LAYERS; layer++) {
      gl.uniform1i(this.#place('layer'), layer);
      gl.drawArrays(gl.POINTS, 0, scene.positions.length / 2);
    }
  }

  dispose(): void {
    for (const buffer of Object.values(this.#buffers)) this.#gl.deleteBuffer(buffer);
    this.#gl.deleteProgram(this.#program);
  }

  #send(scene: MapScene): void {
    const gl = this.#gl;
    const attribute = (name: BufferName, variable: string): number | null => {
      if (this.#sent[name] === scene[name]) return null;
      gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffers[name]);
      gl.bufferData(gl.ARRAY_BUFFER, scene[name] as Float32Array<ArrayBuffer>, gl.DYNAMIC_DRAW);
      const place = gl.getAttribLocation(this.#program, variable);
      gl.enableVertexAttribArray(place);
      return place;
    };
    const positions = attribute('positions', 'position');
    if (positions !== null) gl.vertexAttribPointer(positions, 2, gl.FLOAT, false, 0, 0);
    const colours = attribute('colours', 'colour');
    if (colours !== null) gl.vertexAttribPointer(colours, 4, gl.UNSIGNED_BYTE, true, 0, 0);
    const flags = attribute('flags', 'flags');
    if (flags !== null) gl.vertexAttribIPointer(flags, 1, gl.UNSIGNED_BYTE, 0, 0);
    this.#sent = scene;
  }

  #place(name: string): WebGLUniformLocation | null {
    return this.#gl.getUniformLocation(this.#program, name);
  }
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind);
    if (shader === null) break; // the context is lost: nothing is drawn until there is another
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true && !gl.isContextLost())
    throw new Error(`internal: the points cannot be drawn: ${gl.getProgramInfoLog(program) ?? ''}`);
  return program;
}
