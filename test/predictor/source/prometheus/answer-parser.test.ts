import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerParser } from '../../../../predictor/source/prometheus/answer-parser.ts';

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

const TARGET = 'http://prometheus/api/v1/query_range';

function parse(document: Buffer, cuts: readonly number[] = []): Series[] {
  const found: Series[] = [];
  const parser = new AnswerParser(TARGET, 'matrix', (labels, { count, times, values }) => {
    const pairs = Array.from({ length: count }, (_, i) => [times[i] as number, String(values[i])] as const);
    found.push({ metric: Object.fromEntries(labels), values: pairs });
  });
  const borders = [0, ...[...cuts].sort((a, b) => a - b), document.length];
  for (let i = 1; i < borders.length; i++) parser.write(document.subarray(borders[i - 1], borders[i]));
  parser.end();
  return found;
}

/** What JSON.parse makes of it, in the same shape. */
function expected(series: readonly Series[]): Series[] {
  return series.map(({ metric, values }) => ({ metric: { ...metric }, values: values.map(([t, v]) => [t, String(goNumber(v))] as const) }));
}

function goNumber(text: string): number {
  return text === '+Inf' ? Number.POSITIVE_INFINITY : text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

const matrix = (result: readonly unknown[]): unknown => ({ status: 'success', data: { resultType: 'matrix', result } });
const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((t) => t !== '__proto__');
/** At most 15 digits: exact. */
const plain = fc
  .tuple(fc.integer({ min: -1e15 + 1, max: 1e15 - 1 }), fc.integer({ min: -9, max: 9 }))
  .map(([m, e]) => String(Number(`${m}e${e}`)));
const value = fc.oneof(
  { weight: 6, arbitrary: plain },
  { weight: 1, arbitrary: fc.constantFrom('NaN', '+Inf', '-Inf', '0', '-0', '1e+06', '1E-3', '1e300', '5e-324') },
);
const time = fc.integer({ min: 0, max: 4e12 }).map((ms) => ms / 1000);
const series = fc.record({
  metric: fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: true }),
  values: fc.array(fc.tuple(time, value), { maxLength: 30 }),
});
const cuts = (length: number): fc.Arbitrary<number[]> => fc.array(fc.nat(length), { maxLength: 40 });

describe('AnswerParser', () => {
  it('reads what JSON.parse reads, however the answer is cut and spaced', () => {
    const documents = fc.tuple(fc.array(series, { maxLength: 6 }), fc.constantFrom(undefined, 1, '\t', ' \r\n'));
    fc.assert(
      fc.property(
        documents.chain(([result, space]) => {
          const document = Buffer.from(JSON.stringify(matrix(result), null, space));
          return fc.tuple(fc.constant(result), fc.constant(document), cuts(document.length));
        }),
        ([result, document, at]) => {
          expect(parse(document, at)).toEqual(expected(result));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes any byte as the end of a piece', () => {
    const result = [
      {
        metric: { a: 'ü"\\\n', é: '' },
        values: [
          [1.5, '0.1'],
          [2, 'NaN'],
          [3, '-1e3'],
        ],
      },
    ];
    const document = Buffer.from(JSON.stringify({ ...(matrix(result) as object), warnings: ['x', { y: [null, true, -1.5e-3] }] }));
    const once = parse(document);
    expect(once).toHaveLength(1);
    for (let i = 0; i <= document.length; i++) expect(parse(document, [i])).toEqual(once);
    expect(
      parse(
        document,
        Array.from(document, (_, i) => i),
      ),
    ).toEqual(once);
  });

  it('is right to one part in 10^15 for numbers with more digits than a double has', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 }), (number) => {
        const [only] = parse(Buffer.from(JSON.stringify(matrix([{ metric: {}, values: [[1, String(number)]] }]))));
        const read = Number(only?.values[0]?.[1]);
        expect(Math.abs(read - number)).toBeLessThanOrEqual(Math.abs(number) * 1e-15);
      }),
    );
  });

  it('reads keys in any order', () => {
    const document = Buffer.from(
      '{"data":{"result":[{"values":[[1,"2"],[3,"4"]],"metric":{"pod":"a"}},{"value":[5,"6"],"x":{"values":[[9,"9"]]},"metric":{}}],' +
        '"stats":{"result":[{"values":[[1,"1"]]}]},"resultType":"matrix"},"infos":[],"status":"success"}',
    );
    expect(parse(document)).toEqual([
      {
        metric: { pod: 'a' },
        values: [
          [1, '2'],
          [3, '4'],
        ],
      },
      { metric: {}, values: [[5, '6']] },
    ]);
  });

  it('skips histograms', () => {
    const histogram = '{"status":"success","data":{"result":[{"metric":{},"histograms":[[1,{"count":"2","buckets":[[0,"1","2","3"]]}]]}]}}';
    expect(parse(Buffer.from(histogram))).toEqual([{ metric: {}, values: [] }]);
  });

  it.each([
    ['{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}', 'with a scalar instead of a matrix'],
    ['{"status":"success","data":{"result":[],"resultType":"vector"}}', 'with a vector instead of a matrix'],
    ['{"status":"success","data":null}', 'without a result'],
    ['{"status":"success"}', 'without a result'],
    ['{"status":"success","data":{"resultType":"matrix"}}', ''],
    ['{"status":"success","data":{"result":null}}', 'without a result'],
  ])('does not take %s for an empty history', (document, message) => {
    expect(() => parse(Buffer.from(document))).toThrow(
      expect.objectContaining({ code: 'source', message: expect.stringContaining(message) }),
    );
  });

  it.each([
    ['"warnings":["store-2: connection refused"]', true],
    ['"isPartial":true', true],
    ['"isPartial":false', false],
    ['"warnings":[]', false],
    ['"warnings":["PromQL warning: bucket label le is missing"],"infos":["PromQL info: metric might not be a counter"]', false],
  ])('knows from %s whether something is missing', (field, partial) => {
    const parser = new AnswerParser(TARGET, 'matrix', () => {});
    parser.write(Buffer.from(`{"status":"success",${field},"data":{"resultType":"matrix","result":[]}}`));
    expect(parser.end()).toEqual({ partial });
  });

  it('refuses a series with endless labels or samples', () => {
    const write = (open: string, part: string): (() => void) => {
      const parser = new AnswerParser(TARGET, 'matrix', () => {});
      parser.write(Buffer.from(`{"status":"success","data":{"resultType":"matrix","result":[{${open}`));
      return () => {
        for (let i = 0; i < 10_000; i++) parser.write(Buffer.from(part));
      };
    };
    expect(write('"metric":{', `"l":"${'v'.repeat(100)}",`)).toThrow(/more than 65536 characters of labels/);
    expect(write('"values":[', '[1,"2"],'.repeat(20))).toThrow(/more than 131072 samples/);
  });

  it('reads a long string that comes in many small pieces without searching it anew each time', () => {
    const milliseconds = (size: number): number => {
      const parser = new AnswerParser(TARGET, 'matrix', () => {});
      parser.write(Buffer.from('{"status":"success","x":"'));
      const piece = Buffer.from(`${'x'.repeat(510)}\\n`);
      const start = performance.now();
      for (let written = 0; written < size; written += piece.length) parser.write(piece);
      const taken = performance.now() - start;
      parser.write(Buffer.from('","data":{"resultType":"matrix","result":[]}}'));
      parser.end();
      return taken;
    };
    milliseconds(1 << 18);
    const [small, large] = [milliseconds(1 << 18), milliseconds((1 << 22) - 4096)] as const;
    // Sixteen times the size; were each piece to search all of it anew, it would take 256 times as long.
    expect(large).toBeLessThan(100 * Math.max(small, 1));
  });

  it('says that an answer is cut off, wherever it is', () => {
    const document = Buffer.from(
      JSON.stringify(
        matrix([
          {
            metric: { a: 'b' },
            values: [
              [1, '2'],
              [3, '4'],
            ],
          },
        ]),
      ),
    );
    for (let i = 0; i < document.length; i++) {
      expect(() => parse(document.subarray(0, i))).toThrow(
        expect.objectContaining({ code: 'source', retry: 'transient', message: `${TARGET}: the answer is cut off` }),
      );
    }
  });

  it('refuses what is no JSON, with the address and the first characters', () => {
    expect(() => parse(Buffer.from('\n<!doctype html><title>Sign in</title>'))).toThrow(
      expect.objectContaining({ code: 'source', message: expect.stringMatching(/http:\/\/prometheus.*<!doctype html><title>Sign in/) }),
    );
    expect(() => parse(Buffer.from('[1]'))).toThrow(/begins with "\[1\]"/);
  });

  it('refuses what is not well-formed', () => {
    const good = JSON.stringify(matrix([{ metric: { a: 'b' }, values: [[1, '2']] }]));
    for (const bad of [
      good.replace('[1,', '[1 '),
      good.replace('"b"', 'b'),
      good.replace('}}', '}]'),
      `${good}{}`,
      good.replace('"2"', '"two"'),
      good.replace('"2"', '""'),
      good.replace('[1,"2"]', '[1]'),
      good.replace('[1,"2"]', '["1","2"]'),
      good.replace('"b"', '"\\x"'),
      good.replace('"a":', '"a"'),
      good.replace('"metric"', 'metric'),
    ]) {
      expect(() => parse(Buffer.from(bad)), bad).toThrow(expect.objectContaining({ code: 'source' }));
    }
  });

  it('hands on what the server says of its error', () => {
    const document = Buffer.from('{"status":"error","errorType":"execution","error":"expanding \\"series\\" failed"}');
    expect(() => parse(document)).toThrow(`${TARGET} answered execution: expanding "series" failed`);
    expect(() => parse(Buffer.from('{}'))).toThrow(/status ""/);
  });
});
