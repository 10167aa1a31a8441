import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../../common/duration.ts';
import type { Seconds } from '../../../common/units.ts';

/** `14d` in seconds, within the bounds. */
export function durationParser(least: string, most: string): (text: string) => Seconds {
  const [min, max] = [least, most].map((bound) => parseDuration(bound) as Seconds) as [Seconds, Seconds];
  return (text) => {
    const parsed = parseDuration(text);
    if (parsed === undefined) throw new InvalidArgumentError('It is not a duration: write for example 5m, 24h or 14d.');
    if (parsed < min || parsed > max) throw new InvalidArgumentError(`It must be from ${least} to ${most}.`);
    return parsed;
  };
}

export function wholeNumberParser(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    return value;
  };
}

/** For options that may be given several times, or once with commas. */
export function collectWords(text: string, before: readonly string[] | undefined): string[] {
  const words = text.split(',').map((word) => word.trim());
  if (words.includes('')) throw new InvalidArgumentError('A name is empty.');
  return [...(before ?? []), ...words];
}

/** `Name: value`, several times. */
export function collectHeader(text: string, before: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\x80-\xff]*)$/.exec(text);
  if (!match) throw new InvalidArgumentError('Write it as \'Name: value\', for example "X-Scope-OrgID: team-a".');
  return { ...before, [match[1] as string]: (match[2] as string).trim() };
}

/** As a word for a shell to read. */
export function shellQuoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
