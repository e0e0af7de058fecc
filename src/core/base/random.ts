/**
 * @file Seeded randomness: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 * Counter based: every random object has its own named seed, and drawing from one never shifts another.
 */
const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;
const TWO_POW_MINUS_32 = 1 / 4294967296;

/** High 32 bits of the unsigned product a·b. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0;
}

type Lanes = readonly [number, number, number, number];

/** One block of Philox4x32-10: four random words from a counter and a key. */
export function philox4x32(counter: Lanes, key: readonly [number, number]): Lanes {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(M0, c0);
    const high1 = multiplyHigh(M1, c2);
    const low0 = Math.imul(M0, c0) >>> 0;
    const low1 = Math.imul(M1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** FNV-1a hash of a name, 32 bits: turns a seed's name into a stream key. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) {
    hash ^= name.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** A stream of random numbers, fixed by (seed, name). Equal arguments give equal streams on every machine. */
export class Random {
  readonly #key0: number;
  readonly #key1: number;
  #block = 0;
  #lane = 4;
  readonly #out = new Uint32Array(4);
  #spareNormal: number | null = null;

  constructor(seed: number, name: string) {
    this.#key0 = seed >>> 0;
    this.#key1 = hashName(name);
  }

  /** Uniform 32-bit unsigned integer. */
  uint32(): number {
    if (this.#lane === 4) this.#fill();
    return this.#out[this.#lane++]!;
  }

  /** Uniform in [0, 1), 32 bits of resolution. */
  uniform(): number {
    return this.uint32() * TWO_POW_MINUS_32;
  }

  /** Uniform integer in [0, bound). Rejection keeps it unbiased. */
  integer(bound: number): number {
    const limit = 4294967296 - (4294967296 % bound);
    for (;;) {
      const draw = this.uint32();
      if (draw < limit) return draw % bound;
    }
  }

  /** Standard normal (Box–Muller). */
  normal(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal;
      this.#spareNormal = null;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** −1 or +1 with equal probability. */
  sign(): number {
    return (this.uint32() & 1) === 0 ? -1 : 1;
  }

  /** Shuffles in place (Fisher–Yates) and returns the same array. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const held = items[last];
      items[last] = items[other];
      items[other] = held;
    }
    return items;
  }

  /** 0…count−1 in random order. */
  permutation(count: number): Int32Array {
    const order = new Int32Array(count);
    for (let index = 0; index < count; index++) order[index] = index;
    return this.shuffle(order);
  }

  #fill(): void {
    const high = Math.floor(this.#block / 4294967296);
    this.#out.set(philox4x32([this.#block >>> 0, high, 0, 0], [this.#key0, this.#key1]));
    this.#block++;
    this.#lane = 0;
  }
}
