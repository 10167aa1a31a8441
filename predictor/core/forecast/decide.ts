import { known, type Result } from '../../../common/result.ts';
import { HOUR_SECONDS } from '../../../common/units.ts';
import { amountOf, codeOf, NO_CODE } from './codes.ts';
import { CHANGE_SHARE, STALE_AFTER_SECONDS } from './constants.ts';
import { describe, type ForecastOptions, type ForecastReason, refusal, type UpperForecast, weigh } from './forecast.ts';
import { AT, getF64, type SeriesView } from './layout.ts';
import { settle } from './risk-price.ts';

export interface DecisionOptions extends ForecastOptions {
  /** The request in force, in the unit of the samples; undefined where there is none. */
  readonly inForce?: number | undefined;
}

export interface RequestDecision {
  /** In the unit of the samples. */
  readonly request: number;
  /** Whether it differs from the one in force by more than 5 %. */
  readonly changed: boolean;
  /** Why it was not lowered although the forecast is lower. */
  readonly held?: 'NotWorthIt' | 'StaleData';
  readonly forecast: UpperForecast;
}

/**
 * The forecast as a request, with the cost of changing: the request in force stays unless the change saves more, in
 * slack and risk until the next decision, than the price of a change. Going up is urgent by the same rule, as risk is
 * dear. Stale data never lower a request.
 */
export function decideRequest(view: SeriesView, options: DecisionOptions): Result<RequestDecision, ForecastReason> {
  const refused = refusal(view, options);
  if (refused !== undefined) return refused;
  const weighed = weigh(view, options);
  const scale = getF64(view, AT.scale);
  const inForce = options.inForce;
  const codeInForce = inForce !== undefined && inForce >= 0 ? codeOf(inForce / scale) : NO_CODE;
  const hours = Math.max(1, options.horizonSeconds / HOUR_SECONDS);
  const code = settle(view, weighed.distribution, { price: weighed.price, inForce: codeInForce, hours });
  const forecast = describe(view, options, weighed);
  if (inForce === undefined) return known({ request: scale * amountOf(code), changed: true, forecast });
  if (code === codeInForce) {
    return known({ request: inForce, changed: false, ...(forecast.value < inForce ? { held: 'NotWorthIt' as const } : {}), forecast });
  }
  const request = scale * amountOf(code);
  if (request < inForce && forecast.dataAgeSeconds > STALE_AFTER_SECONDS)
    return known({ request: inForce, changed: false, held: 'StaleData', forecast });
  return known({ request, changed: Math.abs(request - inForce) > CHANGE_SHARE * inForce, forecast });
}
