import type { Identities } from './identity.ts';
import { ApiError } from './status.ts';

/** What a request is about, as far as a fault or a count chooses by it. */
export interface RequestFacts {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly userAgent: string;
  readonly user: string;
}

/** Each given field must fit; text fits whole, a RegExp where it is found. */
export type RequestMatch = { readonly [K in keyof RequestFacts]?: RequestFacts[K] | RegExp | readonly RequestFacts[K][] };

export function fits(facts: RequestFacts, match: RequestMatch): boolean {
  return (Object.entries(match) as [keyof RequestFacts, string | RegExp | readonly string[]][]).every(([field, wanted]) => {
    const value = facts[field];
    if (wanted instanceof RegExp) return wanted.test(value);
    return Array.isArray(wanted) ? wanted.includes(value) : wanted === value;
  });
}

export interface Fault {
  readonly match?: RequestMatch;
  /** How many requests it hits; all, where left out. */
  readonly times?: number;
  /** The share of the matching requests that it hits, drawn from the server's seed. */
  readonly probability?: number;
  /** Waits this long (on the real clock) before anything else. */
  readonly latencyMs?: number;
  /** Answers this instead: 409 is a conflict, 429 carries `retryAfterSeconds`, 5xx are what they are. */
  readonly status?: number;
  readonly retryAfterSeconds?: number;
  /** Cuts the connection without an answer. */
  readonly disconnect?: boolean;
  /** Gets and lists answer the state as of this revision, as a server that lags behind. For watches see `Watches.stall`. */
  readonly staleSince?: number;
}

interface Standing {
  readonly fault: Fault;
  left: number;
}

const REASONS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** What goes wrong, by the will of a test. */
export class Faults {
  readonly #identities: Identities;
  readonly #cutWatches: () => void;
  readonly #standing = new Set<Standing>();
  #down = false;

  constructor(identities: Identities, cutWatches: () => void) {
    this.#identities = identities;
    this.#cutWatches = cutWatches;
  }

  /** While down, every connection is cut at once, those of open watches too. */
  get down(): boolean {
    return this.#down;
  }

  setDown(down: boolean): void {
    this.#down = down;
    if (down) this.#cutWatches();
  }

  /** @returns takes the fault away again */
  add(fault: Fault): () => void {
    const standing: Standing = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
    this.#standing.add(standing);
    return () => this.#standing.delete(standing);
  }

  clear(): void {
    this.#standing.clear();
    this.#down = false;
  }

  /** The faults that hit this request; asking uses them up. */
  draw(facts: RequestFacts): readonly Fault[] {
    const hit: Fault[] = [];
    for (const standing of this.#standing) {
      const { fault } = standing;
      if (!fits(facts, fault.match ?? {})) continue;
      if (fault.probability !== undefined && this.#identities.fraction() >= fault.probability) continue;
      hit.push(fault);
      if (--standing.left <= 0) this.#standing.delete(standing);
    }
    return hit;
  }
}

export function faultError(fault: Fault, facts: RequestFacts): ApiError {
  const code = fault.status ?? 500;
  const message =
    code === 409
      ? `Operation cannot be fulfilled on ${facts.resource} "${facts.name}": the object has been modified; please apply your changes to the latest version and try again`
      : `injected fault: ${code}`;
  return new ApiError({
    code,
    reason: REASONS[code] ?? 'InternalError',
    message,
    details: {
      ...(facts.name ? { name: facts.name } : {}),
      kind: facts.resource,
      ...(fault.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: fault.retryAfterSeconds }),
    },
  });
}
