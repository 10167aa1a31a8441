import type { Command } from 'commander';

export interface Example {
  readonly command: string;
  /** What it does, as a half sentence. */
  readonly what: string;
}

const examples = new WeakMap<Command, readonly Example[]>();

/** Shown at the end of the help, and in the reference. */
export function withExamples(command: Command, list: readonly Example[]): Command {
  examples.set(command, list);
  const lines = list.map((example) => `  # ${example.what}\n  $ ${example.command}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

export function examplesOf(command: Command): readonly Example[] {
  return examples.get(command) ?? [];
}
