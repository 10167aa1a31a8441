import { GIB, HOURS_PER_MONTH } from '../../common/units.ts';
import type { Resource } from '../../predictor/core/workload.ts';

/** Prices that money is counted with, in one currency. */
export interface UnitPrices {
  readonly cpuCoreHour: number;
  readonly memoryGibHour: number;
}

/** What one container of a workload asks for and uses of one resource, per pod: millicores or bytes. */
export interface Consumption {
  readonly resource: Resource;
  /** undefined where nothing is requested. */
  readonly requestPerPod: number | undefined;
  /** Mean use; undefined where it is not known, and then only the request counts. */
  readonly meanUsePerPod: number | undefined;
  /** Mean number of running pods. */
  readonly pods: number;
}

/**
 * Money per month for what is set aside or used, whichever is more: pods × max(request, mean use) × price × 730 h. That
 * is the OpenCost specification's workload cost. Not rounded.
 */
export function monthlyCost(consumption: Consumption, prices: UnitPrices): number {
  const amount = Math.max(consumption.requestPerPod ?? 0, consumption.meanUsePerPod ?? 0);
  return consumption.pods * amount * pricePerUnitMonth(consumption.resource, prices);
}

/**
 * Money per month for what is requested and was not used on average: pods × max(0, request − mean use) × price × 730 h.
 * Without a known use it is 0: nothing is called waste that was not seen idle.
 */
export function monthlyWaste(consumption: Consumption, prices: UnitPrices): number {
  const { requestPerPod, meanUsePerPod } = consumption;
  if (requestPerPod === undefined || meanUsePerPod === undefined) return 0;
  return consumption.pods * Math.max(0, requestPerPod - meanUsePerPod) * pricePerUnitMonth(consumption.resource, prices);
}

/** Money for one millicore, or one byte, over one month. */
function pricePerUnitMonth(resource: Resource, prices: UnitPrices): number {
  const perUnitHour = resource === 'cpu' ? prices.cpuCoreHour / 1000 : prices.memoryGibHour / GIB;
  return perUnitHour * HOURS_PER_MONTH;
}
