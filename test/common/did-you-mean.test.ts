import { describe, expect, it } from 'vitest';
import { didYouMean } from '../../common/did-you-mean.ts';

describe('didYouMean', () => {
  it.each([
    ['memroy', ['memory', 'cpu'], ['memory']],
    ['CPU', ['cpu', 'memory'], ['cpu']],
    ['riskBudget', ['riskBudgetPercent', 'min', 'max'], []],
    ['mn', ['min', 'max'], ['min']],
    ['zzz', ['min', 'max'], []],
    ['', ['min'], []],
    [
      'shop/Deployment/crat',
      ['shop/Deployment/cart', 'shop/Deployment/chat', 'other/Job/x'],
      ['shop/Deployment/cart', 'shop/Deployment/chat'],
    ],
  ])('%s', (word, candidates, expected) => {
    expect(didYouMean(word, candidates)).toEqual(expected);
  });

  it('gives no more than asked for, the nearest first, whatever the order of the candidates', () => {
    const candidates = ['abcx', 'abcdef', 'abcd', 'abdc'];
    expect(didYouMean('abcd', candidates, 2)).toEqual(['abcd', 'abcx']);
    expect(didYouMean('abcd', candidates.toReversed(), 2)).toEqual(['abcd', 'abcx']);
  });
});
