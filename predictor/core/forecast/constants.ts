import { HOUR_SECONDS } from '../../../common/units.ts';

/**
 * Every constant of the forecast, with where it comes from. None is fitted to a trace: what differs from series to
 * series (weights, errors, risk price, record rate) is learned per series while its history goes by.
 */

export const HOURS_PER_DAY = 24;
/** The longest season that people's work has. */
export const HOURS_PER_WEEK = 168;
/** A week of hours, and the two that tell how the level stood when last week's hour began. */
export const HOURS_KEPT = HOURS_PER_WEEK + 2;
/** A sample slot is at most a minute: the finest that Prometheus is commonly scraped at. */
export const MINUTES_PER_HOUR = 60;

/** Amounts beyond are no measurement in any unit, and would overflow; amounts this far below 1 are no use. */
export const LARGEST_AMOUNT = 1e100;
export const SMALLEST_AMOUNT = 1e-100;

/** Levels are kept as 16-bit codes in steps of 1/1024 octave (0.07 %): 1 % was the goal, two bytes allow more. */
export const CODES_PER_OCTAVE = 1024;
/** One cell of the predictive distribution: 1/32 octave, 2.2 %; half of the 5 % that counts as a change. */
export const CODES_PER_CELL = 32;
export const CELLS_PER_OCTAVE = CODES_PER_OCTAVE / CODES_PER_CELL;
/** The distribution reaches 2 octaves above the week's record and 8 below it: bursts of 250 times the base are seen. */
export const CELLS_ABOVE_RECORD = 2 * CELLS_PER_OCTAVE;
export const CELLS = 10 * CELLS_PER_OCTAVE;

/** An hour is kept as its highest sample, its second highest, and the one that this share of its samples exceeds. */
export const BODY_SHARE = 0.2;
/** "Now" is the last 10 minutes: two samples of the coarsest common scrape, 5 minutes. */
export const NOW_MINUTES = 10;

/** Errors of an expert are a mixture of narrow and wide, up and down; widths in octaves (3.5 % and 19 %), 5 apart. */
export const ERROR_WIDTHS_OCTAVES = [0.05, 0.25] as const;
/** An expert's errors are learned apart for levels near the week's record (within half an octave) and below. */
export const NEAR_RECORD_CODES = CODES_PER_OCTAVE / 2;
/** A level scaled by another level moves by at most two octaves, and never above the week's record. */
export const MAX_SHIFT_CODES = 2 * CODES_PER_OCTAVE;

/** Forgetting of the experts' weights, per hour: the memory is about a day. */
export const WEIGHT_RATE = 0.05;
/** Forgetting of an expert's errors, per hour that it explains; they are fewer, so each counts more. */
export const ERROR_RATE = 0.1;
/** No weight falls below these: an expert that was wrong for weeks comes back within a day. */
export const WEIGHT_FLOOR = 0.002;
export const ERROR_FLOOR = 0.004;
/** How much the highest, the second and the body sample of an hour count when experts are weighed: the tail matters. */
export const POINT_WEIGHTS = [0.4, 0.3, 0.3] as const;
/** Density that no expert falls below, so that a value that none foresaw does not decide alone. */
export const DENSITY_FLOOR = 1e-7;

/** Half-life of "the last week" as experts' pool, hours: three days, as VPA's memory of a peak is. */
export const POOL_HALF_LIFE_HOURS = 72;
/** Half-life of the level, the record rate and the calibration: one week, the longest season. */
export const LONG_HALF_LIFE_HOURS = HOURS_PER_WEEK;

/** Prices of risk that every series tries at once, in steps of 2.8 from 1 to 4096 mean uses × hours per hour above. */
export const RUNGS = 9;
export const OCTAVES_PER_RUNG = 1.5;
/** The promise is checked on the series' own history from this age on. */
export const CALIBRATE_FROM_HOURS = 6;
/** At this age the check starts anew: before, the experts had not seen a second day begin. */
export const CALIBRATE_ANEW_HOURS = 30;
/** Weight of the model's own estimate beside what was seen: a day of decisions at first, halved every week. */
export const PRIOR_HOURS = 24;
export const PRIOR_HALF_LIFE_HOURS = LONG_HALF_LIFE_HOURS;
/** For decisions that hold a day: a week of them, for good. A day's hours share one decision and are little evidence. */
export const FAR_PRIOR_HOURS = HOURS_PER_WEEK;

/**
 * No hour is given up knowingly: what the experts expect for more than this share of the time is covered at any price,
 * though the budget may allow to leave one ramp a week open. Mondays count. Between 5 % and 10 % (5 and 10 times the
 * usual budget) the choice makes no difference beyond chance; this is their geometric middle.
 */
export const MAX_EXPECTED_SHARE = 0.07;
/** Where no price keeps the budget, as after a surprise, the cheapest is paid that does within this factor as well as any. */
export const UNREACHABLE_TOLERANCE = 1.1;

/** Share of its time that an hour which breaks the week's record spends above it, before any did so: as the body's. */
export const RECORD_SHARE_PRIOR = BODY_SHARE;
/**
 * How far a record is overshot before any was: as far as the hourly peak usually moves, within these octaves (a third
 * of a percent; the narrow error). It counts as one broken record.
 */
export const OVERSHOOT_PRIOR_BOUNDS = [0.005, ERROR_WIDTHS_OCTAVES[0]] as const;

/** A forecast needs this much history, and as much as its horizon up to one day. */
export const MIN_HISTORY_HOURS = 6;
/** Up to this horizon the last hour is evidence; beyond, days and weeks are. Hours. */
export const NEAR_HORIZON_HOURS = 2;
/**
 * The promise for a day ahead is checked by pretending restarts, one every 5 hours, each in force for 25: five at any
 * time, and every hour of the day comes round as the hour of a restart.
 */
export const FAR_PHASES = 5;
export const FAR_EVERY_HOURS = 5;
/** How old the last hour's evidence is on average when a day ahead was decided: half of the day. */
export const FAR_LEAD_HOURS = 12;
/** The longest horizon, hours. */
export const MAX_HORIZON_HOURS = HOURS_PER_WEEK;
/** Without a sample for this long, a request is no longer lowered; twice the longest scrape gap that rules out chance. */
export const STALE_AFTER_SECONDS = HOUR_SECONDS;

/** Changes that a series may make a day before changing becomes dearer, and the price's bounds in mean uses × hours. */
export const CHANGES_PER_DAY = 6;
export const CHANGE_PRICE_BOUNDS = [0.1, 0.8] as const;
/** A change of the request by less is none (the field's 5 %). */
export const CHANGE_SHARE = 0.05;
