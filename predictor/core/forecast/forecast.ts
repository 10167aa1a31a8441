import { known, type Result, unknown } from '../../../common/result.ts';
import { HOUR_SECONDS } from '../../../common/units.ts';
import { amountOf } from './codes.ts';
import { HOURS_PER_DAY, MAX_HORIZON_HOURS, MIN_HISTORY_HOURS, NEAR_HORIZON_HOURS, OCTAVES_PER_RUNG, RUNGS } from './constants.ts';
import { distributeFar, distributeNear, lastReferences } from './distribute.ts';
import { AT, getF32, getF64, getI32, type SeriesView } from './layout.ts';
import { type Distribution, FAR_TABLE, getWeight, NEAR_TABLE, presentWeight, shareAboveCode } from './mixture.ts';
import { cheapest, priceFor, type Reach, sharesOfRungs } from './risk-price.ts';
import { hasSamples, hasUse, isSeries } from './state.ts';

export type ForecastReason =
  | 'NotASeries'
  | 'NoData'
  | 'OnlyZeros'
  | 'LittleHistory'
  | 'NoRecentData'
  | 'BadHorizon'
  | 'BadBudget'
  | 'TimeBeforeData';

export interface ForecastOptions {
  readonly nowUnixSeconds: number;
  /** How long the amount must hold; up to a week. */
  readonly horizonSeconds: number;
  /** Share of time, above 0 and up to a half, that use may exceed the amount in the long run. */
  readonly riskBudget: number;
}

/** An amount that use exceeds for no more than the budget's share of time, and all that led to it. */
export interface UpperForecast {
  /** In the unit of the samples. */
  readonly value: number;
  readonly experts: readonly ExpertTrace[];
  readonly calibration: CalibrationRecord;
  /** Age of the newest sample. */
  readonly dataAgeSeconds: number;
  /** Time between the first and the newest sample. */
  readonly historySeconds: number;
  /** Highest use of the last week. */
  readonly weekPeak: number;
}

export interface ExpertTrace {
  readonly name: string;
  /** Highest use that the expert expects (in the horizon's last hour), in the unit of the samples; undefined for the pooled week. */
  readonly value?: number;
  /** Share of trust, learned from what it said about the last days; all sum to 1. */
  readonly weight: number;
}

/** How the promise was kept, and what is done about it. */
export interface CalibrationRecord {
  readonly riskBudget: number;
  /** Which record applies: decisions for the next hour, or for the next day. */
  readonly reach: Reach;
  /** Hours on which the promise was checked, older ones counting less. */
  readonly checkedHours: number;
  /** Share of time above the request on those hours, had this price of risk been paid; undefined where none was checked. */
  readonly exceededShare?: number;
  /** Share of time above that the experts expect of the forecast itself. */
  readonly expectedShare: number;
  /** The correction: what an hour of exceedance is held to cost, in hours of mean use. */
  readonly riskPrice: number;
}

/**
 * The forecast. Pure: neither the state nor the time moves; call `advanceTo` first at an hour's start.
 *
 * Why it is a promise: what the experts say is turned into an amount by a price of risk, and the price is the one at
 * which this very series, had it been decided so in the past days, would have kept the budget.
 */
export function forecastUpper(view: SeriesView, options: ForecastOptions): Result<UpperForecast, ForecastReason> {
  const refused = refusal(view, options);
  if (refused !== undefined) return refused;
  return known(describe(view, options, weigh(view, options)));
}

/** What `forecastUpper` refuses, and why. */
export function refusal(view: SeriesView, options: ForecastOptions): { ok: false; reason: ForecastReason; detail?: string } | undefined {
  if (!isSeries(view)) return unknown('NotASeries', 'the memory holds no series of this version');
  if (!(options.riskBudget > 0 && options.riskBudget <= 0.5))
    return unknown('BadBudget', `budget ${options.riskBudget} is not within (0, 0.5]`);
  const hours = options.horizonSeconds / HOUR_SECONDS;
  if (!(hours > 0 && hours <= MAX_HORIZON_HOURS)) return unknown('BadHorizon', `horizon ${options.horizonSeconds} s is not within a week`);
  if (!hasSamples(view)) return unknown('NoData', 'no sample so far');
  if (!(options.nowUnixSeconds >= getF64(view, AT.lastSeconds))) return unknown('TimeBeforeData', 'there are samples after the asked time');
  const needed = Math.max(MIN_HISTORY_HOURS, Math.min(HOURS_PER_DAY, hours));
  const seen = getI32(view, AT.hoursSeen);
  if (seen < needed) return unknown('LittleHistory', `${seen} hours with data, ${needed} needed`);
  if (!hasUse(view)) return unknown('OnlyZeros', 'no use above 0 was ever seen; that is no measure of what is needed');
  const openHour = Math.floor(options.nowUnixSeconds / HOUR_SECONDS);
  if (openHour - getI32(view, AT.closedHour) > MAX_HORIZON_HOURS) return unknown('NoRecentData', 'no sample for a week');
  return undefined;
}

export interface Weighed {
  readonly reach: Reach;
  readonly distribution: Distribution;
  readonly price: number;
}

/** The distribution over the horizon and the price of risk; the distribution lives until the next call. */
export function weigh(view: SeriesView, options: ForecastOptions): Weighed {
  const { nowUnixSeconds, horizonSeconds, riskBudget } = options;
  const reach: Reach = horizonSeconds <= NEAR_HORIZON_HOURS * HOUR_SECONDS ? 'near' : 'far';
  const distribution =
    reach === 'near' ? distributeNear(view, nowUnixSeconds, horizonSeconds) : distributeFar(view, nowUnixSeconds, horizonSeconds);
  return { reach, distribution, price: priceFor(sharesOfRungs(view, distribution, reach), riskBudget) };
}

/** The cheapest amount at the price, with its evidence. */
export function describe(view: SeriesView, options: ForecastOptions, { reach, distribution, price }: Weighed): UpperForecast {
  const code = cheapest(view, distribution, price);
  const scale = getF64(view, AT.scale);
  const [table, refs] = reach === 'near' ? [NEAR_TABLE, lastReferences.near] : [FAR_TABLE, lastReferences.far];
  const present = presentWeight(view, table, refs);
  const experts: ExpertTrace[] = [];
  for (let k = 0; k < table.experts; k++) {
    if (refs.present[k] === 0) continue;
    const name = refs.names[k] as string;
    const weight = getWeight(view, table, k) / present;
    experts.push(k === table.experts - 1 ? { name, weight } : { name, value: scale * amountOf(refs.top[k] as number), weight });
  }
  const checkedHours = getF32(view, reach === 'near' ? AT.nearWeight : AT.farWeight);
  const rung = Math.min(RUNGS - 1, Math.round(Math.log2(price) / OCTAVES_PER_RUNG));
  const exceeded = getF32(view, reach === 'near' ? AT.nearExceeded : AT.farExceeded, rung);
  return {
    value: scale * amountOf(code),
    experts,
    calibration: {
      riskBudget: options.riskBudget,
      reach,
      checkedHours,
      ...(checkedHours > 0 ? { exceededShare: exceeded / checkedHours } : {}),
      expectedShare: shareAboveCode(distribution, code),
      riskPrice: price,
    },
    dataAgeSeconds: options.nowUnixSeconds - getF64(view, AT.lastSeconds),
    historySeconds: getF64(view, AT.lastSeconds) - getF64(view, AT.firstSeconds),
    weekPeak: scale * amountOf(distribution.record),
  };
}
