import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { type Binary, missingBinaries, PARTS, packagesOf } from './parts.ts';

export interface InstallOptions {
  readonly isRoot: boolean;
  /** Whether a part that stays missing is an error. */
  readonly isCi: boolean;
  /** Debian asks this script whether a package may start its services. */
  readonly policyFile: string;
  readonly print: (line: string) => void;
}

/**
 * Installs the system parts that tests run for real, where that is possible, and names what stays missing.
 * @returns the exit code
 */
export function install(options: InstallOptions): 0 | 1 {
  const wanted = Object.keys(PARTS) as Binary[];
  const missing = missingBinaries(wanted);
  if (missing.length === 0) return 0;
  const { print } = options;
  const packages = packagesOf(missing);
  print(`System parts missing for tests: ${missing.join(', ')}`);
  const hasApt = spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
  if (hasApt && options.isRoot) aptInstall(packages, options);

  const left = missingBinaries(wanted);
  if (left.length === 0) {
    print('All system parts are there.');
    return 0;
  }
  const command = `${options.isRoot ? '' : 'sudo '}apt-get install --no-install-recommends ${packagesOf(left).join(' ')}`;
  print(`Still missing: ${left.join(', ')}. ${hasApt ? `Run: ${command}` : `Install ${packagesOf(left).join(', ')} by hand.`}`);
  print(options.isCi ? 'CI runs every test: stopping here.' : 'The tests that need them are skipped, by name.');
  return options.isCi ? 1 : 0;
}

function aptInstall(packages: readonly string[], { policyFile, print }: InstallOptions): void {
  const ownPolicy = !existsSync(policyFile);
  if (ownPolicy) writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    for (const args of [['update'], ['install', '--yes', '--no-install-recommends', ...packages]]) {
      print(`apt-get ${args.join(' ')}`);
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      const { status, stderr } = spawnSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
      if (status !== 0) print(`apt-get ${args[0]} failed (exit code ${status}): ${stderr.trim().split('\n').slice(-5).join('\n')}`);
    }
  } finally {
    if (ownPolicy) rmSync(policyFile, { force: true });
  }
}

if (import.meta.filename === process.argv[1]) {
  process.exitCode = install({
    isRoot: process.getuid?.() === 0,
    isCi: process.env.CI === 'true',
    policyFile: '/usr/sbin/policy-rc.d',
    print: (line) => process.stderr.write(`${line}\n`),
  });
}
