/** Times are shown in the visitor's zone, and the zone is always named next to them. */
const dayAndTime = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

export function formatDayAndTime(unixSeconds: number): string {
  return dayAndTime.format(unixSeconds * 1000);
}

export function formatDay(unixSeconds: number): string {
  return day.format(unixSeconds * 1000);
}

/** `Europe/Berlin (GMT+1)`. */
export function timeZoneTitle(unixSeconds: number): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const offset = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'shortOffset' })
    .formatToParts(unixSeconds * 1000)
    .find((part) => part.type === 'timeZoneName')?.value;
  return offset === undefined || zone === 'UTC' ? zone : `${zone} (${offset})`;
}
