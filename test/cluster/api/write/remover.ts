import type { Admission } from '../admission/admission.ts';
import { type Clock, timestamp } from '../identity.ts';
import { at, type KubeObject, keyOf, numberOf, type ObjectMeta } from '../object.ts';
import { asVersion } from '../resource-type.ts';
import { conflict, modifiedSince, notFound } from '../status.ts';
import type { Store } from '../store/store.ts';
import type { DeleteOptions, WriteRequest } from './request.ts';

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

export interface Removal {
  readonly object: KubeObject;
  /** False where finalizers or the grace period keep the object for now. */
  readonly gone: boolean;
}

/** DELETE: at once, or marked and left to finalizers, the kubelet and the garbage collector. */
export class Remover {
  readonly #parts: { readonly store: Store; readonly clock: Clock; readonly admission: Admission };

  constructor(parts: { readonly store: Store; readonly clock: Clock; readonly admission: Admission }) {
    this.#parts = parts;
  }

  async remove(request: WriteRequest, options: DeleteOptions): Promise<Removal> {
    const { store, admission } = this.#parts;
    const collection = store.collection(request.type.collection);
    const key = keyOf(request.namespace, request.name ?? '');
    const found = collection.get(key);
    if (!found) throw notFound(request.type, request.name ?? '');
    await admission.validate({ request, operation: 'DELETE', object: undefined, old: asVersion(found, request.type, request.version) });
    const live = collection.get(key);
    if (!live) throw notFound(request.type, request.name ?? '');
    checkPreconditions(request, live, options);
    const removal = request.dryRun ? { object: live, gone: true } : this.removeLive(request, live, options);
    return { ...removal, object: asVersion(removal.object, request.type, request.version) };
  }

  /** The same without admission, for controllers in process. */
  removeLive({ type }: Pick<WriteRequest, 'type'>, live: KubeObject, options: DeleteOptions): Removal {
    const { store, clock } = this.#parts;
    const collection = store.collection(type.collection);
    const key = keyOf(live.metadata.namespace, live.metadata.name);
    const graceSeconds = graceOf(live, options);
    const finalizers = finalizersFor(live.metadata, options);
    const held = finalizers.length > 0 || graceSeconds > 0 || (type.plural === 'namespaces' && type.group === '');
    if (!held) return { object: store.remove(collection, key) ?? live, gone: true };

    const already = live.metadata.deletionTimestamp !== undefined;
    if (
      already &&
      finalizers.length === (live.metadata.finalizers ?? []).length &&
      graceSeconds >= (live.metadata.deletionGracePeriodSeconds ?? 0)
    ) {
      return { object: live, gone: false };
    }
    const metadata: ObjectMeta = {
      ...live.metadata,
      deletionTimestamp: timestamp(clock.nowMs() + graceSeconds * 1000),
      deletionGracePeriodSeconds: graceSeconds,
      ...(finalizers.length > 0 ? { finalizers } : {}),
      ...(live.metadata.generation === undefined || already ? {} : { generation: live.metadata.generation + 1 }),
    };
    const marked: KubeObject = { ...live, metadata };
    if (type.plural === 'namespaces' && type.group === '') marked.status = { ...(live.status as object), phase: 'Terminating' };
    return { object: store.put(collection, marked), gone: false };
  }
}

function checkPreconditions({ type, name }: WriteRequest, live: KubeObject, options: DeleteOptions): void {
  if (options.uid && options.uid !== live.metadata.uid) {
    throw conflict(type, name ?? '', `Precondition failed: UID in precondition: ${options.uid}, UID in object meta: ${live.metadata.uid}`);
  }
  if (options.resourceVersion && options.resourceVersion !== live.metadata.resourceVersion) throw modifiedSince(type, name ?? '');
}

/** Only pods are given time; one that never ran or has ended needs none. */
function graceOf(live: KubeObject, options: DeleteOptions): number {
  if (live.kind !== 'Pod' || live.apiVersion !== 'v1') return 0;
  const phase = at(live.status, 'phase');
  if (!at(live.spec, 'nodeName') || phase === 'Succeeded' || phase === 'Failed') return 0;
  return Math.max(0, options.gracePeriodSeconds ?? numberOf(at(live.spec, 'terminationGracePeriodSeconds'), 30));
}

function finalizersFor(metadata: ObjectMeta, options: DeleteOptions): string[] {
  const kept = (metadata.finalizers ?? []).filter((f) => options.propagationPolicy === undefined || (f !== FOREGROUND && f !== ORPHAN));
  if (options.propagationPolicy === 'Foreground') kept.push(FOREGROUND);
  if (options.propagationPolicy === 'Orphan') kept.push(ORPHAN);
  return kept;
}
