import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The programs that tests run for real. */
export type Binary = 'prometheus' | 'promtool' | 'victoria-metrics' | 'chromium' | 'kubectl';

interface Part {
  /** Debian's package. */
  readonly package: string;
  /** Names of the executable, the most usual first. */
  readonly executables: readonly string[];
}

export const PARTS: Readonly<Record<Binary, Part>> = {
  prometheus: { package: 'prometheus', executables: ['prometheus'] },
  promtool: { package: 'prometheus', executables: ['promtool'] },
  'victoria-metrics': { package: 'victoria-metrics', executables: ['victoria-metrics', 'victoria-metrics-prod'] },
  chromium: { package: 'chromium', executables: ['chromium', 'chromium-browser', 'google-chrome'] },
  kubectl: { package: 'kubernetes-client', executables: ['kubectl'] },
};

/** The full path of a program on the PATH, undefined where it is not installed. */
export function findBinary(name: Binary, path: string = process.env.PATH ?? ''): string | undefined {
  for (const executable of PARTS[name].executables) {
    for (const directory of path.split(delimiter).filter(Boolean)) {
      const candidate = join(directory, executable);
      if (isExecutable(candidate)) return candidate;
    }
  }
  return undefined;
}

export function missingBinaries(names: readonly Binary[], path?: string): Binary[] {
  return names.filter((name) => findBinary(name, path) === undefined);
}

/** The packages that hold the programs, each once. */
export function packagesOf(names: readonly Binary[]): string[] {
  return [...new Set(names.map((name) => PARTS[name].package))];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
