import { describe, expect, it } from 'vitest';
import { createProgress } from '../../common/progress.ts';

function reporter(options: { isTTY: boolean; quiet?: boolean; columns?: number }) {
  const written: string[] = [];
  const clock = { now: 0 };
  const stream = { isTTY: options.isTTY, columns: options.columns ?? 80, write: (text: string) => written.push(text) };
  return { written, clock, progress: createProgress({ stream, quiet: options.quiet ?? false, nowMillis: () => clock.now }) };
}

const CLEAR = '\r\u001b[2K';

describe('progress', () => {
  it('keeps one live line on a terminal, with stage, bar, percent and what is left', () => {
    const { written, clock, progress } = reporter({ isTTY: true });
    progress.update({ stage: 'Reading', done: 0, total: 10 });
    clock.now = 10_000;
    progress.update({ stage: 'Reading', done: 5, total: 10 });
    progress.clear();
    expect(written).toEqual([
      `${CLEAR}Reading ${'░'.repeat(24)}   0 %`,
      `${CLEAR}Reading ${'█'.repeat(12)}${'░'.repeat(12)}  50 %, 10 s left`,
      CLEAR,
    ]);
  });

  it('does not redraw faster than eyes and lines can follow, but always shows the end of a stage', () => {
    const { written, clock, progress } = reporter({ isTTY: true });
    for (let done = 0; done <= 1000; done++) {
      clock.now += 1;
      progress.update({ stage: 'Reading', done, total: 1000 });
    }
    expect(written.length).toBeLessThan(20);
    expect(written.at(-1)).toContain('100 %');
  });

  it('never writes past the edge of a narrow terminal', () => {
    const { written, progress } = reporter({ isTTY: true, columns: 20 });
    progress.update({ stage: 'Reading usage of all workloads', done: 1, total: 2 });
    expect(written[0]?.replace(CLEAR, '')).toHaveLength(19);
  });

  it('says little where nobody watches: the beginning of each stage, and now and then in a long one', () => {
    const { written, clock, progress } = reporter({ isTTY: false });
    for (let done = 0; done <= 40; done++) {
      progress.update({ stage: 'Reading', done, total: 40 });
      clock.now += 1000;
    }
    progress.update({ stage: 'Sizing', done: 0, total: 0 });
    progress.clear();
    expect(written.map((line) => line.replace(/[█░]+ +/, ''))).toEqual([
      'Reading 0 %\n',
      'Reading 37 %, 25 s left\n',
      'Reading 75 %, 10 s left\n',
      'Sizing …\n',
    ]);
  });

  it('says nothing when quiet', () => {
    const { written, progress } = reporter({ isTTY: true, quiet: true });
    progress.update({ stage: 'Reading', done: 1, total: 2 });
    progress.clear();
    expect(written).toEqual([]);
  });
});
