import { type Command, Option } from 'commander';
import { LOG_LEVELS, type LogLevel } from '../../../common/log.ts';

export interface CommonFlags {
  readonly quiet?: boolean;
  readonly color: boolean;
  readonly utc?: boolean;
}

export function addCommonOptions(command: Command): Command {
  const look = (option: Option): Option => option.helpGroup('Appearance:');
  return command
    .addOption(look(new Option('-q, --quiet', 'no progress')))
    .addOption(look(new Option('--no-color', 'no colours; NO_COLOR in the environment does as well')))
    .addOption(look(new Option('--utc', 'times in UTC')));
}

export interface LogFlags {
  readonly logLevel: LogLevel;
}

export function logLevelOption(): Option {
  return new Option('--log-level <level>', 'JSON lines on stderr').choices(LOG_LEVELS).default('warn').helpGroup('Appearance:');
}

export function formatOption(formats: readonly string[], fallback: string): Option {
  return new Option('-o, --output <format>', 'form of the result').choices(formats).default(fallback).helpGroup('Result:');
}
