import { describe, expect, it } from 'vitest';
import { type Binary, missingBinaries, packagesOf } from './parts.ts';

/**
 * `describe` for tests that need real programs. Where one is missing, the tests are skipped with its name in the title;
 * with `CI=true` they fail instead.
 */
export function describeWithBinaries(binaries: readonly Binary[], title: string, define: () => void): void {
  const missing = missingBinaries(binaries);
  if (missing.length === 0) {
    describe(title, define);
    return;
  }
  const named = `${title} [needs ${missing.join(', ')}: apt-get install ${packagesOf(missing).join(' ')}]`;
  if (process.env.CI !== 'true') {
    describe.skip(named, define);
    return;
  }
  describe(named, () => {
    it('finds the system parts that it needs', () => {
      expect(missing, 'CI runs every test').toEqual([]);
    });
  });
}
