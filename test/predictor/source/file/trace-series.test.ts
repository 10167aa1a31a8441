import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readTraceSeries, type TraceSeries } from '../../../../predictor/source/file/trace-series.ts';

const directory = mkdtempSync(join(tmpdir(), 'neap-trace-series-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function fileOf(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const csv = (...rows: string[]): string => `series,unix_s,value\n${rows.join('\n')}\n`;

async function all(path: string): Promise<TraceSeries[]> {
  const out: TraceSeries[] = [];
  for await (const series of readTraceSeries(path)) out.push(series);
  return out;
}

const plain = (series: TraceSeries[]) => series.map(({ name, t, v }) => ({ name, t: [...t], v: [...v] }));

describe('reading trace files', () => {
  const rows = csv('a,60,0.5', 'a,120,0.75', 'b,60,3');
  const expected = [
    { name: 'a', t: [60, 120], v: [0.5, 0.75] },
    { name: 'b', t: [60], v: [3] },
  ];

  it.each([
    ['plain', 'plain.csv', rows],
    ['gzip', 'packed.csv.gz', gzipSync(rows)],
    ['gzip, whatever the name says', 'packed.csv', gzipSync(rows)],
    ['with Windows line ends and a byte order mark', 'windows.csv', `\uFEFF${rows.replaceAll('\n', '\r\n')}`],
    ['with quotes', 'quoted.csv', rows.replaceAll('a,', '"a",')],
  ])('%s', async (_, name, content) => {
    expect(plain(await all(fileOf(name, content)))).toEqual(expected);
  });

  it('gives back what was written', async () => {
    const sample = fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.float({ min: 0, max: 1e9, noNaN: true, noDefaultInfinity: true }));
    const series = fc.array(sample, { minLength: 1, maxLength: 20 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(series, { minLength: 1, maxLength: 5 }), async (many) => {
        const written = many.map((steps, i) => {
          let time = 0;
          const t = steps.map(([step]) => (time += step));
          return { name: `s${i}`, t, v: steps.map(([, value]) => value) };
        });
        const lines = written.flatMap(({ name, t, v }) => t.map((time, i) => `${name},${time},${v[i]}`));
        expect(plain(await all(fileOf(`property-${run++}.csv`, csv(...lines))))).toEqual(written);
      }),
      { numRuns: 30 },
    );
  });

  it('leaves out unknown values and counts them; of two rows at one time the larger counts', async () => {
    const [series] = await all(fileOf('odd.csv', csv('a,60,1', 'a,60,4', 'a,60,2', 'a,120,', 'a,180,NaN', 'a,240,0')));
    expect(series && plain([series])).toEqual([{ name: 'a', t: [60, 240], v: [4, 0] }]);
    expect(series).toMatchObject({ notANumber: 2, duplicates: 2 });
  });

  it('reports every bad line with file and line', async () => {
    const path = fileOf(
      'bad.csv',
      csv('a,60,1', 'a,30,1', 'a,x,1', ',60,1', 'b,60,-1', 'b,120,many', 'b,180', 'b,240,1', 'a,240,1', 'b,300,1'),
    );
    const error = await all(path).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'NeapError', code: 'usage' });
    expect((error as Error).message.split('\n')).toEqual([
      '8 bad lines:',
      `${path}:3: time 30 of series "a" is before 60: times rise`,
      `${path}:4: unix_s "x" is not a time in seconds`,
      `${path}:5: no series`,
      `${path}:6: value -1 is negative`,
      `${path}:7: value "many" is not a number`,
      `${path}:8: 2 columns, not 3`,
      `${path}:10: series "a" begins again: rows of one series stand together`,
      `${path}:11: series "b" begins again: rows of one series stand together`,
    ]);
  });

  it('stops after 20 bad lines', async () => {
    const path = fileOf('worse.csv', csv(...Array.from({ length: 500 }, (_, i) => `a,${i},x`)));
    await expect(all(path)).rejects.toThrow(/^the first 20 bad lines:(\n[^\n]+){20}$/);
  });

  it.each([
    ['another header', 'time,cpu\n1,2\n', /other\.csv:1: the first line is "time,cpu", not "series,unix_s,value"/],
    ['nothing', '', /other\.csv holds no series/],
    ['a header only', 'series,unix_s,value\n', /other\.csv holds no series/],
    ['a broken archive', gzipSync(csv('a,60,1')).subarray(0, 24), /other\.csv cannot be read: unexpected end of file/],
    ['a quote without its partner', csv('"a,60,1'), /other\.csv:2: Quote Not Closed/],
  ])('refuses a file with %s', async (_, content, message) => {
    await expect(all(fileOf('other.csv', content))).rejects.toThrow(message);
  });

  it('names a file that is not there', async () => {
    await expect(all(join(directory, 'nowhere.csv'))).rejects.toThrow(/nowhere\.csv cannot be read: ENOENT/);
  });
});

const traces = '../shared/traces/mem-pod.csv.gz';
describe.skipIf(!existsSync(traces))(`the recorded traces (${traces}${existsSync(traces) ? '' : ' is absent'})`, () => {
  it('are read in full', async () => {
    const series = await all(traces);
    expect(series).toHaveLength(71);
    expect(series.reduce((sum, { t }) => sum + t.length, 0)).toBe(96_773);
  });
});
