import { type DestinationStream, pino } from 'pino';

/** What the rest of Neap takes: fields first, then a sentence. A `pino` logger fits. */
export interface Logger {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  /** A logger that adds the fields to every line. */
  child(fields: object): Logger;
}

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const SECRETS = [
  'authorization',
  'Authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'password',
  'token',
  'bearerToken',
  'key',
];

/** JSON lines with ISO times; the stream is stderr, so that stdout holds results only. Secrets under the usual names are blotted out, two levels deep. */
export function createLogger(level: LogLevel, stream: DestinationStream): Logger {
  const paths = SECRETS.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths, censor: '[secret]' } }, stream);
}
