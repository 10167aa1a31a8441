#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { run } from './run.ts';
import { packageRoot } from './version.ts';

/** The first signal ends the work in good order, the second one at once. */
const abort = new AbortController();
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    if (abort.signal.aborted) process.exit(code);
    abort.abort(new Error(`ended by ${signal}`));
  });
}

// Whoever writes a result is told whether it arrived; nobody is left to be told that stderr is gone.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  nowMillis: Date.now,
  signal: abort.signal,
  uiDirectory: fileURLToPath(new URL('dist/web/ui', packageRoot())),
});
