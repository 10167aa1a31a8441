import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GIB } from '../../../common/units.ts';
import { DEFAULT_PRICES } from '../../../operator/api/price-book.ts';
import { type Consumption, monthlyCost, monthlyWaste } from '../../../operator/cost/monthly-cost.ts';

const cpu = (over: Partial<Consumption>): Consumption => ({ resource: 'cpu', requestPerPod: 1000, meanUsePerPod: 0, pods: 1, ...over });
const memory = (over: Partial<Consumption>): Consumption => ({
  resource: 'memory',
  requestPerPod: GIB,
  meanUsePerPod: 0,
  pods: 1,
  ...over,
});

describe('monthlyCost', () => {
  it('gives the worked example of the OpenCost price list: 1 core and 2 GiB asked, 1.5 cores and 1 GiB used', () => {
    expect(monthlyCost(cpu({ meanUsePerPod: 1500 }), DEFAULT_PRICES) / 730).toBeCloseTo(0.0474165, 10);
    expect(monthlyCost(memory({ requestPerPod: 2 * GIB, meanUsePerPod: GIB }), DEFAULT_PRICES) / 730).toBeCloseTo(0.008474, 10);
  });

  it('counts a whole node like its price: 4 cores and 16 GiB for 0.194236 an hour', () => {
    const node =
      monthlyCost(cpu({ requestPerPod: 4000 }), DEFAULT_PRICES) + monthlyCost(memory({ requestPerPod: 16 * GIB }), DEFAULT_PRICES);
    expect(node / 730).toBeCloseTo(0.194236, 10);
  });

  it.each([
    ['nothing is requested: the use is charged', cpu({ requestPerPod: undefined, meanUsePerPod: 250 }), 182.5, 0],
    ['the use is not known: the request is charged, and nothing is called waste', cpu({ meanUsePerPod: undefined }), 730, 0],
    ['half of the request is idle', cpu({ meanUsePerPod: 500, pods: 3 }), 2190, 1095],
    ['more is used than requested', memory({ meanUsePerPod: 2 * GIB }), 1460, 0],
    ['no pod runs', cpu({ pods: 0 }), 0, 0],
    ['neither request nor use is known', cpu({ requestPerPod: undefined, meanUsePerPod: undefined }), 0, 0],
  ])('%s', (_, consumption, cost, waste) => {
    const prices = { cpuCoreHour: 1, memoryGibHour: 1 };
    expect(monthlyCost(consumption, prices)).toBeCloseTo(cost, 9);
    expect(monthlyWaste(consumption, prices)).toBeCloseTo(waste, 9);
  });

  it('never calls more than the cost waste, and doubles with the pods', () => {
    const amount = fc.integer({ min: 0, max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(
        amount,
        amount,
        fc.integer({ min: 0, max: 10_000 }),
        fc.constantFrom('cpu' as const, 'memory' as const),
        (request, use, pods, resource) => {
          const one = { resource, requestPerPod: request, meanUsePerPod: use, pods };
          expect(monthlyWaste(one, DEFAULT_PRICES)).toBeLessThanOrEqual(monthlyCost(one, DEFAULT_PRICES));
          expect(monthlyCost({ ...one, pods: 2 * pods }, DEFAULT_PRICES)).toBe(2 * monthlyCost(one, DEFAULT_PRICES));
        },
      ),
    );
  });
});
