import type { ServerResponse } from 'node:http';
import type { Fields } from '../object.ts';
import type { LoggedRequest } from '../request-log.ts';
import type { ApiError } from '../status.ts';

/** Big answers go out in pieces of about this size. */
const PIECE_BYTES = 64 * 1024;

/** One HTTP answer, which counts what it sends. */
export class Answer {
  readonly response: ServerResponse;
  readonly #logged: LoggedRequest;

  constructor(response: ServerResponse, logged: LoggedRequest) {
    this.response = response;
    this.#logged = logged;
  }

  warn(messages: readonly string[]): void {
    if (messages.length > 0)
      this.response.setHeader(
        'Warning',
        messages.map((m) => `299 - ${JSON.stringify(m)}`),
      );
  }

  json(status: number, body: unknown): void {
    this.text(status, JSON.stringify(body), 'application/json');
  }

  text(status: number, text: string | Buffer, contentType: string): void {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    this.start(status, contentType, bytes.length);
    this.#logged.bytes += bytes.length;
    this.response.end(bytes);
  }

  error(error: ApiError): void {
    const retry = error.details?.retryAfterSeconds;
    if (retry !== undefined) this.response.setHeader('Retry-After', String(retry));
    this.json(error.code, error.body());
  }

  start(status: number, contentType: string, length?: number): void {
    this.#logged.status = status;
    this.response.setHeader('Content-Type', contentType);
    this.response.setHeader('Cache-Control', 'no-cache, private');
    if (length !== undefined) this.response.setHeader('Content-Length', length);
    this.response.writeHead(status);
  }

  /** @returns false where the client reads too slowly and it should be waited for */
  write(piece: string | Buffer): boolean {
    this.#logged.bytes += Buffer.byteLength(piece);
    return this.response.write(piece);
  }

  end(): void {
    this.response.end();
  }

  /** A list, item by item, so that no text of the whole of it is ever made. */
  async list(head: Fields, items: Iterable<unknown>): Promise<void> {
    this.start(200, 'application/json');
    let piece = `${JSON.stringify(head).slice(0, -1)},"items":[`;
    let first = true;
    for (const item of items) {
      piece += first ? JSON.stringify(item) : `,${JSON.stringify(item)}`;
      first = false;
      if (piece.length >= PIECE_BYTES) {
        if (!this.write(piece) && !this.response.destroyed) await drained(this.response);
        piece = '';
        if (this.response.destroyed) return;
      }
    }
    this.write(`${piece}]}`);
    this.end();
  }
}

/** Until the client has read on, or is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
