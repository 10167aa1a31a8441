import { Agent, request } from 'undici';

/** The parts of an answer that the tests read by name; the rest by `pick`. What is not there is undefined. */
export interface Json {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly ownerReferences?: readonly { readonly uid: string }[];
    readonly managedFields?: readonly {
      readonly manager: string;
      readonly operation: string;
      readonly subresource?: string;
      readonly fieldsV1: object;
    }[];
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly spec: unknown;
  readonly status: unknown;
  readonly data: Readonly<Record<string, string>>;
  readonly items: readonly Json[];
  readonly message: string;
  readonly reason: string;
  readonly code: number;
  readonly details: {
    readonly causes: readonly { readonly field: string; readonly message: string; readonly reason: string }[];
    readonly retryAfterSeconds?: number;
  };
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: Json }[];
  readonly columnDefinitions: readonly { readonly name: string; readonly type: string; readonly priority: number }[];
  /** The body of an answer that is not JSON. */
  readonly text: string;
}

/** What is at a dotted path; numbers are indices of lists. */
export function pick(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (here, step) => (typeof here === 'object' && here !== null ? (here as Record<string, unknown>)[step] : undefined),
      value,
    );
}

/** An answer that is not 2xx. */
export class StatusError extends Error {
  readonly code: number;
  readonly status: Json;
  constructor(code: number, status: Json) {
    super(`${code} ${String(status.message ?? '')}`);
    this.code = code;
    this.status = status;
  }
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Json;
}

export const PATCH = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** The API over plain HTTP, as the bytes are. */
export class Client {
  readonly #url: string;
  readonly #agent: Agent;
  readonly #token: string;
  /** Headers of the last answer. */
  lastHeaders: Readonly<Record<string, string | string[] | undefined>> = {};

  constructor(to: { readonly url: string; readonly ca: string | undefined; readonly adminToken: string }, token?: string) {
    this.#url = to.url;
    this.#token = token ?? to.adminToken;
    this.#agent = new Agent({ connect: to.ca ? { ca: to.ca } : {}, bodyTimeout: 0 });
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async send(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Json> {
    const answer = await request(this.#url + path, {
      method,
      dispatcher: this.#agent,
      headers: {
        ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}),
        'user-agent': 'conformance/1',
        'content-type': 'application/json',
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    this.lastHeaders = answer.headers;
    const text = await answer.body.text();
    const json = (text.startsWith('{') ? JSON.parse(text) : { text }) as Json;
    if (answer.statusCode >= 300) throw new StatusError(answer.statusCode, json);
    return json;
  }

  get(path: string, headers?: Record<string, string>): Promise<Json> {
    return this.send('GET', path, undefined, headers);
  }
  create(path: string, body: object): Promise<Json> {
    return this.send('POST', path, body);
  }
  replace(path: string, body: object): Promise<Json> {
    return this.send('PUT', path, body);
  }
  patch(path: string, kind: keyof typeof PATCH, body: unknown): Promise<Json> {
    return this.send('PATCH', path, body, { 'content-type': PATCH[kind] });
  }
  delete(path: string, options?: object): Promise<Json> {
    return this.send('DELETE', path, options);
  }

  apply(path: string, body: object, manager: string, force = false): Promise<Json> {
    return this.patch(`${path}?fieldManager=${manager}${force ? '&force=true' : ''}`, 'apply', body);
  }

  /** Opens a watch; `path` carries the query. */
  async watch(path: string, headers: Record<string, string> = {}): Promise<Watching> {
    const abort = new AbortController();
    const answer = await request(this.#url + path, {
      dispatcher: this.#agent,
      signal: abort.signal,
      headers: { authorization: `Bearer ${this.#token}`, 'user-agent': 'conformance/1', ...headers },
    });
    if (answer.statusCode >= 300) throw new StatusError(answer.statusCode, (await answer.body.json()) as Json);
    return new Watching(answer.body, () => abort.abort());
  }
}

/** The events of a watch, in order. */
export class Watching {
  readonly #events: WatchEvent[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #abort: () => void;
  /** Set when the server has ended the watch, with the error where it was cut. */
  ended: { readonly error: unknown } | undefined;

  constructor(body: AsyncIterable<Buffer>, abort: () => void) {
    this.#abort = abort;
    void this.#read(body);
  }

  async #read(body: AsyncIterable<Buffer>): Promise<void> {
    let rest = '';
    try {
      for await (const chunk of body) {
        const lines = (rest + chunk.toString('utf8')).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line) this.#events.push(JSON.parse(line) as WatchEvent);
        this.#wake();
      }
      this.ended = { error: undefined };
    } catch (error) {
      this.ended = { error };
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** The next event. @throws Error where the watch has ended or is silent for 10 s */
  async next(): Promise<WatchEvent> {
    const event = await this.nextOrEnd();
    if (!event) throw new Error('the watch has ended');
    return event;
  }

  async nextOrEnd(): Promise<WatchEvent | undefined> {
    for (;;) {
      const event = this.#events.shift();
      if (event) return event;
      if (this.ended) return undefined;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('the watch is silent')), 10_000);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** What has come so far and was not read. */
  drain(): WatchEvent[] {
    return this.#events.splice(0);
  }

  stop(): void {
    this.#abort();
  }
}

/** The error of a call that must fail. */
export async function failure(call: Promise<unknown>): Promise<StatusError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('the call was expected to fail');
}
