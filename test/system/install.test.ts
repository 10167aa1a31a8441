import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { install } from './install.ts';

const POLICY_ANSWER = 101;

describe('installing the system parts', () => {
  let directory: string;
  let lines: string[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'neap-install-test-'));
    mkdirSync(join(directory, 'bin'));
    lines = [];
    vi.stubEnv('PATH', join(directory, 'bin'));
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true, force: true });
  });

  const policyFile = (): string => join(directory, 'policy-rc.d');
  const run = (isRoot: boolean, isCi: boolean): number =>
    install({ isRoot, isCi, policyFile: policyFile(), print: (line) => lines.push(line) });

  function executable(name: string, script: string): void {
    writeFileSync(join(directory, 'bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(directory, 'bin', name), 0o755);
  }

  /** Writes down how it was called and with which policy for services, and puts the programs in place on `install`. */
  function aptGet(installs: readonly string[]): void {
    const bin = join(directory, 'bin');
    const place = installs.map((name) => `: > ${bin}/${name}; /bin/chmod 755 ${bin}/${name}`).join('; ');
    executable(
      'apt-get',
      `echo "$* $DEBIAN_FRONTEND" >> ${directory}/calls\n${policyFile()}; echo "policy $?" >> ${directory}/calls\ncase "$2" in install) ${place || ':'};; esac`,
    );
  }

  const calls = (): string[] => readFileSync(join(directory, 'calls'), 'utf8').trim().split('\n');

  it('does and says nothing where everything is there', () => {
    for (const name of ['prometheus', 'promtool', 'victoria-metrics', 'chromium', 'kubectl']) executable(name, ':');
    expect(run(false, true)).toBe(0);
    expect(lines).toEqual([]);
  });

  it('installs only what is missing, without services or recommended packages, and takes its policy away again', () => {
    for (const name of ['chromium', 'kubectl']) executable(name, ':');
    aptGet(['prometheus', 'promtool', 'victoria-metrics']);
    expect(run(true, true)).toBe(0);
    expect(calls()).toContain('-qq update noninteractive');
    expect(calls()).toContain('-qq install --yes --no-install-recommends prometheus victoria-metrics noninteractive');
    expect(calls().at(-1)).toBe(`policy ${POLICY_ANSWER}`);
    expect(existsSync(policyFile())).toBe(false);
  });

  it("keeps the machine's own policy for services", () => {
    writeFileSync(policyFile(), '#!/bin/sh\nexit 7\n', { mode: 0o755 });
    aptGet(['prometheus', 'promtool', 'victoria-metrics', 'chromium', 'kubectl']);
    expect(run(true, false)).toBe(0);
    expect(calls().at(-1)).toBe('policy 7');
    expect(existsSync(policyFile())).toBe(true);
  });

  it('names the command and goes on for a user who is not root', () => {
    aptGet([]);
    expect(run(false, false)).toBe(0);
    expect(lines.join('\n')).toContain(
      'sudo apt-get install --no-install-recommends prometheus victoria-metrics chromium kubernetes-client',
    );
  });

  it('goes on without apt, but not in CI', () => {
    expect(run(true, false)).toBe(0);
    expect(run(true, true)).toBe(1);
    expect(lines.join('\n')).toContain('Install prometheus, victoria-metrics, chromium, kubernetes-client by hand');
  });

  it('reports what apt says when it fails, and removes its policy all the same', () => {
    executable('apt-get', 'case "$1" in --version) exit 0;; esac; echo "E: no network" >&2; exit 100');
    expect(run(true, true)).toBe(1);
    expect(lines.join('\n')).toContain('apt-get update failed (exit code 100): E: no network');
    expect(existsSync(policyFile())).toBe(false);
  });
});
