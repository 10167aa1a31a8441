import { createHash } from 'node:crypto';
import type { Store } from '../store/store.ts';
import type { User } from '../write/request.ts';

export const MASTERS = 'system:masters';
export const ADMIN: User = { name: 'kubernetes-admin', groups: [MASTERS, 'system:authenticated'] };
export const ANONYMOUS: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Bearer tokens and whose they are. The same seed and user give the same token. */
export class Users {
  readonly #seed: number;
  readonly #store: Store;
  readonly #byToken = new Map<string, User>();

  constructor(seed: number, store: Store) {
    this.#seed = seed;
    this.#store = store;
  }

  tokenOf(user: User): string {
    const token = createHash('sha256')
      .update(JSON.stringify([this.#seed, user.name, user.groups]))
      .digest('base64url');
    this.#byToken.set(token, user);
    return token;
  }

  /** The token of a service account, which holds as long as the account is there. */
  serviceAccountToken(namespace: string, name: string): string {
    return this.tokenOf(
      serviceAccountUser(namespace, name, this.#store.collection('serviceaccounts').get(`${namespace}/${name}`)?.metadata.uid),
    );
  }

  /** @returns undefined where the token is nobody's */
  byToken(token: string): User | undefined {
    const user = this.#byToken.get(token);
    const account = user && /^system:serviceaccount:([^:]+):(.+)$/.exec(user.name);
    if (account && this.#store.collection('serviceaccounts').get(`${account[1]}/${account[2]}`)?.metadata.uid !== user?.uid)
      return undefined;
    return user;
  }
}

function serviceAccountUser(namespace: string, name: string, uid?: string): User {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    ...(uid ? { uid } : {}),
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}
