import { HOUR_SECONDS } from '../../../common/units.ts';
import { farReferences, nearReferences, newFarReferences, newNearReferences, newRecent, recentAt } from './experts.ts';
import type { SeriesView } from './layout.ts';
import {
  addPool,
  addReferences,
  beginMixture,
  type Distribution,
  FAR_TABLE,
  finishMixture,
  NEAR_TABLE,
  newDistribution,
} from './mixture.ts';

const near = newNearReferences();
const far = newFarReferences();
const recent = newRecent();
const distribution = newDistribution();

/** The references that the last distribution was built from (of its last hour), for explanations. */
export const lastReferences = { near, far };

/** Calls back for every hour that a span touches, with the part of the span that lies in it. */
function eachHour(fromSeconds: number, spanSeconds: number, visit: (hour: number, part: number) => void): void {
  const end = fromSeconds + spanSeconds;
  for (let hour = Math.floor(fromSeconds / HOUR_SECONDS); hour * HOUR_SECONDS < end; hour++) {
    const overlap = Math.min(end, (hour + 1) * HOUR_SECONDS) - Math.max(fromSeconds, hour * HOUR_SECONDS);
    if (overlap > 0) visit(hour, overlap / spanSeconds);
  }
}

/**
 * Distribution of the samples of the next two hours at most. The result lives until the next call, here or in
 * `distributeFar`.
 */
export function distributeNear(view: SeriesView, nowUnixSeconds: number, horizonSeconds: number): Distribution {
  recentAt(view, nowUnixSeconds, recent);
  beginMixture(view);
  eachHour(nowUnixSeconds, horizonSeconds, (hour, part) => {
    nearReferences(view, hour, recent, near);
    addReferences(view, NEAR_TABLE, near, part);
    addPool(view, NEAR_TABLE, near, part);
  });
  finishMixture(view, near.record, distribution);
  return distribution;
}

/** Distribution of the samples of a longer span: the mean of its hours', each from the days and weeks before it. */
export function distributeFar(view: SeriesView, nowUnixSeconds: number, horizonSeconds: number): Distribution {
  const openHour = Math.floor(nowUnixSeconds / HOUR_SECONDS);
  beginMixture(view);
  let first = true;
  eachHour(nowUnixSeconds, horizonSeconds, (hour, part) => {
    farReferences(view, hour, { openHour, latestHour: openHour - 1 }, far);
    addReferences(view, FAR_TABLE, far, part);
    if (first) addPool(view, FAR_TABLE, far, 1);
    first = false;
  });
  finishMixture(view, far.record, distribution);
  return distribution;
}
