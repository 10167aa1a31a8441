import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

export interface Certificate {
  /** PEM of the certificate, of its key and of the authority that clients are to trust. */
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

const YEARS_MS = 10 * 365 * 86_400_000;

/** A certificate for servers on this machine, signed by an authority of its own. @param names further DNS names */
export async function localCertificate(names: readonly string[] = []): Promise<Certificate> {
  const validity = { notBeforeDate: new Date(Date.now() - 3_600_000), notAfterDate: new Date(Date.now() + YEARS_MS) };
  const authority = await generate([{ name: 'commonName', value: 'cluster-in-a-process' }], {
    ...validity,
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const leaf = await generate([{ name: 'commonName', value: 'kube-apiserver' }], {
    ...validity,
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
          ...names.map((value) => ({ type: 2 as const, value })),
        ],
      },
    ],
  });
  if (!new X509Certificate(leaf.cert).verify(new X509Certificate(authority.cert).publicKey))
    throw new Error('the certificate does not fit its authority');
  return { cert: leaf.cert, key: leaf.private, ca: authority.cert };
}
