import { readFile } from 'node:fs/promises';
import { type Document, isCollection, isMap, isNode, isSeq, LineCounter, parseDocument, type YAMLError } from 'yaml';
import type { z } from 'zod';
import { messageOf, NeapError } from '../errors.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { type ValueProblem, valueAt, valueProblems } from './describe-issue.ts';

/** Reads a YAML or JSON file of the given shape. Throws `usage`: the file can't be read, or ConfigError with every problem. */
export async function readConfigFile<T extends z.ZodType>(file: string, shape: T): Promise<z.output<T>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new NeapError('usage', `reading ${file}: ${messageOf(error)}`, { cause: error, remedy: 'check the path and the permissions' });
  }
  return parseConfig(text, file, shape);
}

/** Reads one YAML or JSON document. Throws ConfigError with every problem; `file` is for the messages. */
export function parseConfig<T extends z.ZodType>(text: string, file: string, shape: T): z.output<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = [...document.errors, ...document.warnings].map((error) => syntaxProblem(error, file, lines));
  if (broken.length > 0) throw new ConfigError(file, broken);
  const input = plainValue(document, file);
  const problems = valueProblems(shape, input);
  if (problems.length === 0) return shape.parse(input);
  const placed = problems.map((problem) => placeProblem(problem, { document, input, lines, file }));
  throw new ConfigError(
    file,
    placed.sort((a, b) => a.line - b.line || a.column - b.column),
  );
}

function plainValue(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // Aliases that unfold to far more than was written are refused by the parser here.
    const problem = {
      file,
      line: 1,
      column: 1,
      path: '',
      message: messageOf(error),
      value: undefined,
      remedy: 'write the values out instead of using aliases',
    };
    throw new ConfigError(file, [problem]);
  }
}

function syntaxProblem(error: YAMLError, file: string, lines: LineCounter): ConfigProblem {
  const { line, col } = lines.linePos(error.pos[0]);
  const remedy = error.code === 'MULTIPLE_DOCS' ? 'write one object a file' : 'correct the YAML or JSON';
  return { file, line, column: col, path: '', message: error.message, value: undefined, remedy };
}

interface Place {
  readonly document: Document;
  readonly input: unknown;
  readonly lines: LineCounter;
  readonly file: string;
}

function placeProblem(problem: ValueProblem, { document, input, lines, file }: Place): ConfigProblem {
  const { line, col } = lines.linePos(offsetOf(document, problem));
  const value = valueAt(input, problem.path);
  return {
    file,
    line: Math.max(1, line),
    column: Math.max(1, col),
    path: formatPath(problem.path),
    message: problem.message,
    value: problem.aboutKey || typeof value === 'object' ? undefined : shortened(value),
    remedy: problem.remedy,
  };
}

/** Where the value at the path begins; where it is missing, where its parent does; for a problem with a key, the key. */
function offsetOf(document: Document, { path, aboutKey }: ValueProblem): number {
  let offset = document.contents?.range?.[0] ?? 0;
  let node: unknown = document.contents;
  for (const [depth, key] of path.entries()) {
    const child = childOf(node, key);
    if (child === undefined) return offset;
    // A collection begins on the line after its key; the key is the better place to point at.
    const atKey = child.keyOffset !== undefined && ((aboutKey && depth === path.length - 1) || isCollection(child.node));
    offset = (atKey ? undefined : offsetOfNode(child.node)) ?? child.keyOffset ?? offset;
    node = child.node;
  }
  return offset;
}

function childOf(node: unknown, key: PropertyKey): { readonly node: unknown; readonly keyOffset: number | undefined } | undefined {
  if (isSeq(node)) return Number(key) < node.items.length ? { node: node.items[Number(key)], keyOffset: undefined } : undefined;
  const pair = isMap(node) ? node.items.find((item) => String(item.key) === String(key)) : undefined;
  return pair === undefined ? undefined : { node: pair.value, keyOffset: offsetOfNode(pair.key) };
}

function offsetOfNode(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function formatPath(path: readonly PropertyKey[]): string {
  let out = '';
  for (const key of path) {
    if (typeof key === 'number') out += `[${key}]`;
    else if (/^[\w-]+$/.test(String(key))) out += `${out === '' ? '' : '.'}${String(key)}`;
    else out += `[${JSON.stringify(String(key))}]`;
  }
  return out;
}

function shortened(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
