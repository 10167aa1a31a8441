import type { Fields } from '../object.ts';
import type { ResourceType, ResourceVersion, Subresource } from '../resource-type.ts';

export interface User {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
}

/** A write that somebody asked for, after routing and authorisation. */
export interface WriteRequest {
  readonly type: ResourceType;
  readonly version: ResourceVersion;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: Subresource | undefined;
  readonly user: User;
  /** The name that goes into managed fields; undefined keeps no account (fast writes in process). */
  readonly manager: string | undefined;
  readonly dryRun: boolean;
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict';
  /** Filled with what the answer's Warning headers shall say. */
  readonly warnings: string[];
}

export type PatchKind = 'json' | 'merge' | 'strategic' | 'apply';

export interface PatchRequest extends WriteRequest {
  readonly kind: PatchKind;
  readonly patch: unknown;
  /** For server-side apply: take fields from other managers. */
  readonly force: boolean;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** The options in a DELETE's body. */
export function readDeleteOptions(body: Fields): DeleteOptions {
  const preconditions = (body.preconditions ?? {}) as Fields;
  const orphan = body.orphanDependents === true ? 'Orphan' : undefined;
  const policy = (body.propagationPolicy as DeleteOptions['propagationPolicy']) ?? orphan;
  return {
    ...(typeof body.gracePeriodSeconds === 'number' ? { gracePeriodSeconds: body.gracePeriodSeconds } : {}),
    ...(policy ? { propagationPolicy: policy } : {}),
    ...(typeof preconditions.uid === 'string' ? { uid: preconditions.uid } : {}),
    ...(typeof preconditions.resourceVersion === 'string' ? { resourceVersion: preconditions.resourceVersion } : {}),
  };
}
