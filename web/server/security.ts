import { createHash } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { Problem } from './problem.ts';

/** Headers of every answer. The page needs nothing from elsewhere, and nobody else may frame or read it. */
export function securityHeaders(contentSecurityPolicy: string) {
  return (_req: Request, res: Response, next: NextFunction): void => {
    res.set({
      'Content-Security-Policy': contentSecurityPolicy,
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
    });
    next();
  };
}

/** @param html the page: its inline scripts are allowed by hash, no other */
export function contentSecurityPolicy(html: string): string {
  const hashes = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script]) =>
      `'sha256-${createHash('sha256')
        .update(script as string)
        .digest('base64')}'`,
  );
  return [
    "default-src 'self'",
    ["script-src 'self'", ...hashes].join(' '),
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Neap has nothing to write: whoever tries is told so. */
export function readOnly(req: Request, res: Response, next: NextFunction): void {
  if (req.method === 'GET' || req.method === 'HEAD') {
    next();
    return;
  }
  res.set('Allow', 'GET, HEAD');
  throw new Problem({ status: 405, code: 'ReadOnly', detail: `${req.method} is not possible here.`, remedy: 'Use GET.' });
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host.includes('::') ? `[${host}]` : host);
}

/**
 * Where Neap listens on the loopback address only, a web page elsewhere could still read it by pointing a name of its
 * own at 127.0.0.1 (DNS rebinding). Such a request carries that name in `Host`.
 */
export function loopbackHostOnly(req: Request, _res: Response, next: NextFunction): void {
  const host = req.headers.host ?? '';
  if (!LOOPBACK.test(host)) {
    throw new Problem({
      status: 421,
      code: 'WrongHost',
      detail: `Neap listens on the loopback address and does not answer for "${host}".`,
      remedy: 'Open it as localhost, let your proxy send "Host: localhost", or start with --host.',
    });
  }
  next();
}
