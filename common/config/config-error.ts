import { NeapError } from '../errors.ts';

/** One thing that is wrong with a config file, and where. */
export interface ConfigProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** `spec.cpu.min`, '' for the whole document. */
  readonly path: string;
  /** What is wrong, to be read after the path: `must be at least 0`. */
  readonly message: string;
  /** The value as written, shortened; undefined where there is none. */
  readonly value: string | undefined;
  readonly remedy: string;
}

/** Everything that is wrong with one config file, in the order of the lines. */
export class ConfigError extends NeapError {
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super('usage', [`${count} in ${file}:`, ...problems.map((p) => `  ${formatProblem(p)}`)].join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

function formatProblem(problem: ConfigProblem): string {
  const { file, line, column, path, message, value, remedy } = problem;
  const subject = [path, value === undefined ? '' : `= ${value}`].filter((part) => part !== '').join(' ');
  return `${file}:${line}:${column}: ${subject === '' ? '' : `${subject} `}${message}: ${remedy}`;
}
