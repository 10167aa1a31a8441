import type { Fields } from './object.ts';

export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** What the API answers when it does not do what was asked: an HTTP code, a reason for programs, a message for people. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  /** For an expired list: where it may go on without a consistent snapshot. */
  readonly continueToken: string | undefined;

  constructor(status: { code: number; reason: string; message: string; details?: StatusDetails; continueToken?: string }) {
    super(status.message);
    this.name = 'ApiError';
    this.code = status.code;
    this.reason = status.reason;
    this.details = status.details;
    this.continueToken = status.continueToken;
  }

  body(): Fields {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continueToken === undefined ? {} : { continue: this.continueToken },
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    };
  }
}

/** The object or kind that an error is about. */
export interface About {
  readonly group: string;
  readonly plural: string;
  readonly kind?: string;
}

const qualified = (about: About): string => (about.group ? `${about.plural}.${about.group}` : about.plural);
const detailsOf = (about: About, name: string): StatusDetails => ({
  ...(name ? { name } : {}),
  ...(about.group ? { group: about.group } : {}),
  kind: about.plural,
});

export const notFound = (about: About, name: string): ApiError =>
  new ApiError({ code: 404, reason: 'NotFound', message: `${qualified(about)} "${name}" not found`, details: detailsOf(about, name) });

export const noSuchPath = (): ApiError =>
  new ApiError({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource', details: {} });

export const alreadyExists = (about: About, name: string): ApiError =>
  new ApiError({
    code: 409,
    reason: 'AlreadyExists',
    message: `${qualified(about)} "${name}" already exists`,
    details: detailsOf(about, name),
  });

export function conflict(about: About, name: string, why: string, causes?: readonly StatusCause[]): ApiError {
  return new ApiError({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${qualified(about)} "${name}": ${why}`,
    details: { ...detailsOf(about, name), ...(causes ? { causes } : {}) },
  });
}

export const modifiedSince = (about: About, name: string): ApiError =>
  conflict(about, name, 'the object has been modified; please apply your changes to the latest version and try again');

export const badRequest = (message: string): ApiError => new ApiError({ code: 400, reason: 'BadRequest', message });

export const forbidden = (about: About, name: string, why: string): ApiError =>
  new ApiError({
    code: 403,
    reason: 'Forbidden',
    message: `${qualified(about)} "${name}" is forbidden: ${why}`,
    details: detailsOf(about, name),
  });

export const unauthorized = (): ApiError => new ApiError({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });

export const notAllowed = (): ApiError =>
  new ApiError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
    details: {},
  });

export const unsupportedMedia = (message: string): ApiError => new ApiError({ code: 415, reason: 'UnsupportedMediaType', message });

export const tooManyRequests = (message: string, retryAfterSeconds: number, causes?: readonly StatusCause[]): ApiError =>
  new ApiError({
    code: 429,
    reason: 'TooManyRequests',
    message,
    details: { ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}), ...(causes ? { causes } : {}) },
  });

export const expired = (message: string, continueToken?: string): ApiError =>
  new ApiError({ code: 410, reason: 'Expired', message, ...(continueToken === undefined ? {} : { continueToken }) });

export const tooLargeResourceVersion = (wanted: number, current: number): ApiError =>
  new ApiError({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${wanted}, current: ${current}`,
    details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 },
  });

export const internal = (message: string): ApiError =>
  new ApiError({ code: 500, reason: 'InternalError', message: `Internal error occurred: ${message}` });

/** One thing wrong with one field, as the API server words it. */
export interface FieldProblem {
  readonly reason:
    | 'FieldValueInvalid'
    | 'FieldValueRequired'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueDuplicate'
    | 'FieldValueTypeInvalid';
  readonly field: string;
  readonly message: string;
}

const shown = (value: unknown): string => (typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? 'null'));

export const invalidValue = (field: string, value: unknown, detail: string): FieldProblem => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${shown(value)}: ${detail}`,
});
export const wrongType = (field: string, value: string, detail: string): FieldProblem => ({
  reason: 'FieldValueTypeInvalid',
  field,
  message: `Invalid value: "${value}": ${detail}`,
});
export const requiredValue = (field: string, detail = ''): FieldProblem => ({
  reason: 'FieldValueRequired',
  field,
  message: detail ? `Required value: ${detail}` : 'Required value',
});
export const unsupportedValue = (field: string, value: unknown, supported: readonly unknown[]): FieldProblem => ({
  reason: 'FieldValueNotSupported',
  field,
  message: `Unsupported value: ${shown(value)}: supported values: ${supported.map(shown).join(', ')}`,
});
export const forbiddenField = (field: string, detail: string): FieldProblem => ({
  reason: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${detail}`,
});
export const duplicateValue = (field: string, value: unknown): FieldProblem => ({
  reason: 'FieldValueDuplicate',
  field,
  message: `Duplicate value: ${shown(value)}`,
});

/** 422 with every problem of the object at once. */
export function invalid(kind: string, group: string, name: string, problems: readonly FieldProblem[]): ApiError {
  const lines = problems.map((p) => (p.field ? `${p.field}: ${p.message}` : p.message));
  return new ApiError({
    code: 422,
    reason: 'Invalid',
    message: `${group ? `${kind}.${group}` : kind} "${name}" is invalid: ${lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`}`,
    details: {
      name,
      ...(group ? { group } : {}),
      kind,
      causes: problems.map((p) => ({ reason: p.reason, message: p.message, field: p.field })),
    },
  });
}
