import { describe, expect, it } from 'vitest';
import { createLogger } from '../../common/log.ts';

function linesOf(use: (lines: { write(line: string): void }) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  use({ write: (line) => lines.push(line) });
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('createLogger', () => {
  it('writes JSON lines with the fields of its ancestors, at its level and above', () => {
    const lines = linesOf((stream) => {
      const log = createLogger('info', stream).child({ part: 'source' });
      log.debug({}, 'hidden');
      log.info({ url: 'http://p' }, 'reading');
    });
    expect(lines).toEqual([expect.objectContaining({ part: 'source', url: 'http://p', msg: 'reading' })]);
    expect(lines[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it('never writes secrets', () => {
    const lines = linesOf((stream) => {
      const log = createLogger('debug', stream);
      log.info({ token: 's3cret', options: { password: 's3cret', headers: { authorization: 'Bearer s3cret' } } }, 'connecting');
      log.child({ bearerToken: 's3cret' }).warn({ headers: { cookie: 's3cret' } }, 'retrying');
    });
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toContain('s3cret');
  });
});
