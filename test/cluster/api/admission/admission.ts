import type { KubeObject } from '../object.ts';
import type { WriteRequest } from '../write/request.ts';

/** One write on its way to the store. Objects are in the request's version. */
export interface Attempt {
  readonly request: WriteRequest;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly object: KubeObject | undefined;
  readonly old: KubeObject | undefined;
  /** The options object that the review shows. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Decides over writes between decoding and storing, in two rounds. */
export interface Admission {
  /** The object, changed or not. The one in the attempt may be changed in place. */
  mutate(attempt: Attempt & { readonly object: KubeObject }): KubeObject | Promise<KubeObject>;
  /** @throws ApiError where the write is refused */
  validate(attempt: Attempt): void | Promise<void>;
}
