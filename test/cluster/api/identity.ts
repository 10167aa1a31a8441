/** Where the server's time comes from; a simulation hands in its own. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
}

export const wallClock: Clock = { nowMs: () => Date.now() };

/** RFC 3339 with whole seconds, as Kubernetes writes its timestamps. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** The letters of generated names: no vowels and nothing that looks like another, so that no word comes out. */
const NAME_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** All that the server makes up: the same seed gives the same uids and names. */
export class Identities {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 random bits (Mulberry32: one addition and three mixes a draw). */
  bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** From 0 up to, not including, 1. */
  fraction(): number {
    return this.bits() / 2 ** 32;
  }

  uid(): string {
    const hex = Array.from({ length: 4 }, () => this.bits().toString(16).padStart(8, '0')).join('');
    const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4];
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  nameSuffix(): string {
    return Array.from({ length: 5 }, () => NAME_LETTERS[this.bits() % NAME_LETTERS.length]).join('');
  }
}
