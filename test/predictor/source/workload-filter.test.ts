import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NeapError } from '../../../common/errors.ts';
import { compileFilter, parseLabelSelector } from '../../../predictor/source/workload-filter.ts';

const everything = { namespaces: [], kinds: [], selector: '' };
const selects = (selector: string, labels: Record<string, string>): boolean =>
  compileFilter({ ...everything, selector }).matchesLabels(labels);

describe('label selectors', () => {
  it.each([
    ['app=web', { app: 'web' }, true],
    ['app==web', { app: 'api' }, false],
    ['app = web , tier != db', { app: 'web', tier: 'front' }, true],
    ['app=web,tier!=db', { app: 'web', tier: 'db' }, false],
    ['tier!=db', {}, true],
    ['e in (x, y)', { e: 'y' }, true],
    ['e in (x,y)', {}, false],
    ['f notin (z)', { f: 'z' }, false],
    ['f notin (z)', {}, true],
    ['g', { g: '' }, true],
    ['g', {}, false],
    ['!h', { h: 'x' }, false],
    ['! h', {}, true],
    ['app.kubernetes.io/name=web,e in (x,y),f notin (z),g,!h', { 'app.kubernetes.io/name': 'web', e: 'x', g: '1' }, true],
    ['empty=', { empty: '' }, true],
    ['constructor', {}, false],
    ['', { any: 'thing' }, true],
  ])('%s over %o is %s', (selector, labels, expected) => {
    expect(selects(selector, labels as Record<string, string>)).toBe(expected);
  });

  it.each([
    ['a=b,', 'a comma without a term'],
    ['a=b=c', '"a=b=c" is no term'],
    ['a in (x', 'a parenthesis without its partner'],
    ['a in ()', '"a in ()" has no values'],
    ['a in x', '"a in x" is no term'],
    ['a>1', '"a>1" is no term'],
    ['-a=b', '"-a" is no label key'],
    ['a=-b', '"-b" is no label value'],
    ['Bad_Prefix/x', '"Bad_Prefix/x" is no label key'],
    [`a=${'x'.repeat(64)}`, 'is no label value'],
  ])('refuses %s', (selector, part) => {
    const parsed = parseLabelSelector(selector);
    expect(parsed.ok).toBe(false);
    expect(!parsed.ok && parsed.detail).toContain(part);
  });

  it('names every bad term at once', () => {
    const parsed = parseLabelSelector('-a=b,ok=1,c d');
    expect(!parsed.ok && parsed.detail).toMatch(/"-a" is no label key.*"c d" is no term/);
  });

  it('a set and its complement never select the same labels', () => {
    const value = fc.constantFrom('x', 'y', 'z');
    fc.assert(
      fc.property(fc.uniqueArray(value, { minLength: 1 }), fc.option(value, { nil: undefined }), (values, own) => {
        const labels: Record<string, string> = own === undefined ? {} : { k: own };
        expect(selects(`k in (${values.join(',')})`, labels)).toBe(!selects(`k notin (${values.join(',')})`, labels));
      }),
    );
  });
});

describe('namespaces and kinds', () => {
  it('takes exact names and patterns, and treats everything but * literally', () => {
    const filter = compileFilter({ ...everything, namespaces: ['shop', 'team-*', '*.x'] });
    expect(['shop', 'team-a', 'team-', 'a.x'].map(filter.matchesNamespace)).toEqual([true, true, true, true]);
    expect(['shops', 'my-team-a', 'ax'].map(filter.matchesNamespace)).toEqual([false, false, false]);
  });

  it('takes kinds in any case, with namespaces at once', () => {
    const filter = compileFilter({ ...everything, namespaces: ['shop'], kinds: ['deployment'] });
    expect(filter.matchesWorkload({ namespace: 'shop', kind: 'Deployment', name: 'web' })).toBe(true);
    expect(filter.matchesWorkload({ namespace: 'shop', kind: 'StatefulSet', name: 'db' })).toBe(false);
    expect(filter.matchesWorkload({ namespace: 'jobs', kind: 'Deployment', name: 'web' })).toBe(false);
  });

  it('lets everything through when empty', () => {
    expect(compileFilter(everything).matchesWorkload({ namespace: 'x', kind: 'Y', name: 'z' })).toBe(true);
  });

  it('reports every mistake of a filter at once', () => {
    const bad = () => compileFilter({ namespaces: ['a/b'], kinds: ['No Kind'], selector: 'a b' });
    expect(bad).toThrow(NeapError);
    expect(bad).toThrow(/namespace "a\/b".*kind "No Kind".*"a b" is no term/);
  });
});
