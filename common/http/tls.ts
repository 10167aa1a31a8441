import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { messageOf, NeapError } from '../errors.ts';

/** Paths of PEM files. Certificate and key go together (mTLS). */
export interface HttpTls {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Accept any certificate: for a port-forward in a test cluster, never for production. */
  readonly insecureSkipVerify?: boolean | undefined;
}

/** @throws NeapError `usage` where a file cannot be read or one of certificate and key is missing */
export function tlsConnectOptions(tls: HttpTls): Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized'> {
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined)) {
    throw new NeapError('usage', 'a TLS client certificate and its key must be given together');
  }
  return {
    ...(tls.caFile === undefined ? {} : { ca: readPem(tls.caFile) }),
    ...(tls.certFile === undefined ? {} : { cert: readPem(tls.certFile) }),
    ...(tls.keyFile === undefined ? {} : { key: readPem(tls.keyFile) }),
    ...(tls.insecureSkipVerify === true ? { rejectUnauthorized: false } : {}),
  };
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new NeapError('usage', `cannot read the TLS file ${path}: ${messageOf(error)}`);
  }
}
