import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError } from '../../../common/config/config-error.ts';
import { parseConfig, readConfigFile } from '../../../common/config/read-config.ts';
import { cpuQuantity, duration, memoryQuantity } from '../../../common/config/shapes.ts';
import { NeapError } from '../../../common/errors.ts';

const shape = z.strictObject({
  name: z.string(),
  window: duration({ min: 60, max: 3600 }).prefault('5m'),
  cpu: z
    .strictObject({
      min: cpuQuantity().prefault('10m'),
      mode: z.enum(['Keep', 'None']).default('Keep'),
      share: z.number().min(0).max(100).default(1),
    })
    .prefault({}),
  memory: memoryQuantity().optional(),
  names: z.array(z.string()).default([]),
});

function problemsOf(text: string): string[] {
  try {
    parseConfig(text, 'f.yaml', shape);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.code).toBe('usage');
    for (const p of error.problems) expect(error.message).toContain(`f.yaml:${p.line}:${p.column}: `);
    return error.problems.map((p) => `${p.line}:${p.column} ${p.path} [${p.value ?? ''}] ${p.message}: ${p.remedy}`);
  }
  return [];
}

describe('parseConfig', () => {
  it('reads YAML and JSON alike, with defaults and units', () => {
    const expected = { name: 'a', window: 300, cpu: { min: 250, mode: 'Keep', share: 1 }, memory: 2 ** 27, names: ['x'] };
    expect(parseConfig('name: a\ncpu: {min: 250m}\nmemory: 128Mi\nnames: [x]\n', 'f', shape)).toEqual(expected);
    expect(parseConfig('{"name":"a","cpu":{"min":"250m"},"memory":"128Mi","names":["x"]}', 'f', shape)).toEqual(expected);
  });

  it('tells all problems at once, in the order of the lines, each with its place, value and remedy', () => {
    const text = [
      '# comment',
      'window: 2d',
      'cpu:',
      '  min: 5x',
      '  mode: keep',
      '  share: -1',
      '  shar: 2',
      'memroy: 1Gi',
      'names: [1, ok]',
      '',
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      '2:1 name [] is missing: write text in quotes',
      '2:9 window ["2d"] is not from 1m to 1h: choose a duration from 1m to 1h',
      '4:8 cpu.min ["5x"] is not a quantity: write for example 250m, "0.5" or 2',
      '5:9 cpu.mode ["keep"] is not one of the choices: did you mean Keep? Else write Keep or None',
      '6:10 cpu.share [-1] is below 0: write 0 or more',
      '7:3 cpu.shar [] is not known here: did you mean share?',
      '8:1 memroy [] is not known here: did you mean memory?',
      '9:9 names[0] [1] is not text: write text in quotes',
    ]);
  });

  it.each([
    ['not a mapping', '- 1\n- 2\n', '1:1  [] is not a mapping: write a mapping'],
    ['nothing at all', '', '1:1  [] is not a mapping: write a mapping'],
    ['a number in quotes', 'name: a\ncpu:\n  share: "3"\n', '3:10 cpu.share ["3"] is not a number: write a number without quotes'],
    [
      'a fraction where a quantity is text',
      'name: a\ncpu: {min: 0.5}\n',
      '2:12 cpu.min [0.5] is of the wrong type: write a whole number or text in quotes',
    ],
    [
      'zero where a quantity is wanted',
      'name: a\ncpu: {min: 0}\n',
      '2:12 cpu.min [0] must be more than zero: write for example 250m, "0.5" or 2',
    ],
    [
      'a key that resembles nothing',
      'name: a\ncpu: {zzzzzzzzz: 1}\n',
      '2:7 cpu.zzzzzzzzz [] is not known here: remove it; known here: min, mode, share',
    ],
    [
      'an inherited name as key',
      'name: a\nconstructor: 1\n',
      '2:1 constructor [] is not known here: remove it; known here: name, window, cpu, memory, names',
    ],
  ])('refuses %s', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it.each([
    ['a tab as indentation', 'name: a\ncpu:\n\tmin: 1\n'],
    ['the same key twice', 'name: a\nname: b\n'],
    ['two documents', 'name: a\n---\nname: b\n'],
    ['an open bracket', '{"name": "a"'],
    ['an unknown tag', 'name: !secret a\n'],
    [
      'aliases that explode',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n`,
    ],
  ])('says where %s stands', (_, text) => {
    expect(problemsOf(text)[0]).toMatch(/^\d+:\d+ /);
  });
});

describe('readConfigFile', () => {
  it('names the file that is not there', async () => {
    const error = await readConfigFile('/nonexistent/p.yaml', shape).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(NeapError);
    expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('/nonexistent/p.yaml') });
  });
});
