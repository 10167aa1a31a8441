import { Command } from 'commander';
import { EXIT_CODES } from '../../common/errors.ts';
import { DAY_SECONDS, MINUTE_SECONDS } from '../../common/units.ts';
import { withExamples } from './examples.ts';
import { appearanceOf, type CliIo } from './io.ts';
import { openSource } from './open-source.ts';
import { addCommonOptions, type CommonFlags, formatOption } from './options/common-options.ts';
import { addSourceOptions, chooseSource } from './options/source-options.ts';
import { renderDoctorReport, toDoctorDocument } from './output/doctor-report.ts';
import { renderDocument } from './output/document.ts';
import { writeResult } from './write-output.ts';

interface DoctorFlags extends CommonFlags {
  readonly output: 'text' | 'json' | 'yaml';
}

export function doctorCommand(io: CliIo): Command {
  const command = new Command('doctor').description('Tell what a source of history has, what is missing, and what to do about it.');
  addSourceOptions(command);
  command.addOption(formatOption(['text', 'json', 'yaml'], 'text'));
  addCommonOptions(command);
  withExamples(command, [
    { command: 'neap doctor --prometheus http://localhost:9090', what: 'is everything there that recommendations need?' },
  ]);
  return command.action(() => runDoctor(command, io));
}

/** A generated cluster needs some size even where nothing but its report is asked for. */
const GENERATED = { historySeconds: DAY_SECONDS, stepSeconds: 5 * MINUTE_SECONDS };

async function runDoctor(command: Command, io: CliIo): Promise<void> {
  const flags = command.opts<DoctorFlags>();
  const source = await openSource(await chooseSource(command, io), { ...GENERATED, nowUnixSeconds: Math.floor(io.nowMillis() / 1000) });
  try {
    const report = await source.inspect(io.signal);
    const text =
      flags.output === 'text'
        ? renderDoctorReport(source.title, report, appearanceOf(io, flags))
        : renderDocument(toDoctorDocument(source.title, report), flags.output);
    await writeResult(io.stdout, text);
    if (report.checks.some(({ status }) => status === 'missing')) io.setExitCode(EXIT_CODES.noData);
  } finally {
    await source.close();
  }
}
