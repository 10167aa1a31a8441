import { Environment } from '@marcbachmann/cel-js';
import { parseQuantity } from '../../../../common/quantity.ts';
import { itemStep } from '../apply/field-set.ts';
import { type Fields, isFields } from '../object.ts';
import { type FieldProblem, forbiddenField, invalidValue, requiredValue } from '../status.ts';
import { undefinedFields } from './cel-fields.ts';
import { propertySchema, type Schema, type ValidationRule } from './schema.ts';

/** The validation rules of CRDs (`x-kubernetes-validations`), with the functions that Kubernetes adds to the language. */
class Quantity {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

function quantity(text: string): Quantity {
  const parsed = parseQuantity(text);
  if (!parsed.ok) throw new Error(`quantity "${text}" is not valid`);
  return new Quantity(parsed.value);
}

const inOrder = (list: readonly unknown[]): boolean => list.every((v, i) => i === 0 || (list[i - 1] as number) <= (v as number));

/** The largest item (sign 1) or the smallest (sign -1); integers stay integers. */
function extreme(list: readonly unknown[], sign: 1 | -1): unknown {
  return list.reduce((best, item) => (Number(item) * sign > Number(best) * sign ? item : best));
}

const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false })
  .registerVariable('self', 'dyn')
  .registerVariable('oldSelf', 'dyn')
  .registerType('kubernetes.Quantity', Quantity)
  .registerFunction('quantity(string): kubernetes.Quantity', quantity)
  .registerFunction('isQuantity(string): bool', (text: string) => parseQuantity(text).ok)
  .registerFunction('kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool', (a: Quantity, b: Quantity) => a.value > b.value)
  .registerFunction('kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool', (a: Quantity, b: Quantity) => a.value < b.value)
  .registerFunction('kubernetes.Quantity.compareTo(kubernetes.Quantity): int', (a: Quantity, b: Quantity) =>
    BigInt(Math.sign(a.value - b.value)),
  )
  .registerFunction('kubernetes.Quantity.sign(): int', (a: Quantity) => BigInt(Math.sign(a.value)))
  .registerFunction(
    'kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity',
    (a: Quantity, b: Quantity) => new Quantity(a.value + b.value),
  )
  .registerFunction(
    'kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity',
    (a: Quantity, b: Quantity) => new Quantity(a.value - b.value),
  )
  .registerFunction('kubernetes.Quantity.asApproximateFloat(): double', (a: Quantity) => a.value)
  .registerFunction('kubernetes.Quantity.asInteger(): int', (a: Quantity) => BigInt(a.value))
  .registerFunction('kubernetes.Quantity.isInteger(): bool', (a: Quantity) => Number.isInteger(a.value))
  .registerFunction('string.find(string): string', (text: string, pattern: string) => new RegExp(pattern, 'u').exec(text)?.[0] ?? '')
  .registerFunction('string.findAll(string): list', (text: string, pattern: string) => text.match(new RegExp(pattern, 'gu')) ?? [])
  .registerFunction('list.isSorted(): bool', inOrder)
  .registerFunction('list.sum(): dyn', (list: readonly unknown[]) =>
    list.reduce((sum: bigint | number, v) => (typeof v === 'bigint' && typeof sum === 'bigint' ? sum + v : Number(sum) + Number(v)), 0n),
  )
  .registerFunction('list.min(): dyn', (list: readonly unknown[]) => extreme(list, -1))
  .registerFunction('list.max(): dyn', (list: readonly unknown[]) => extreme(list, 1))
  .registerFunction('list.indexOf(dyn): int', (list: readonly unknown[], item: unknown) => BigInt(list.indexOf(item)))
  .registerFunction('isURL(string): bool', (text: string) => URL.canParse(text));

interface Program {
  readonly run: (context: Record<string, unknown>) => unknown;
  readonly ast: unknown;
}

const programs = new Map<string, Program | Error>();

function compile(expression: string): Program | Error {
  const known = programs.get(expression);
  if (known) return known;
  let program: Program | Error;
  try {
    const parsed = environment.parse(expression);
    const checked = parsed.check();
    program = checked.valid ? { run: (context) => parsed(context), ast: parsed.ast } : (checked.error ?? new Error('does not type-check'));
  } catch (error) {
    program = error instanceof Error ? error : new Error(String(error));
  }
  programs.set(expression, program);
  return program;
}

/** Why a rule cannot be used with a schema; undefined where it can. @param root see `undefinedFields` */
export function ruleProblem(expression: string, schema: Schema, root: boolean): string | undefined {
  const program = compile(expression);
  if (program instanceof Error) return program.message.split('\n')[0];
  const [missing] = undefinedFields(program.ast, schema, root);
  return missing === undefined ? undefined : `undefined field '${missing}'`;
}

/** What breaks the rules anywhere in the object. Rules about `oldSelf` are for updates only. */
export function checkRules(value: unknown, old: unknown, schema: Schema, path = ''): FieldProblem[] {
  const problems: FieldProblem[] = [];
  visit(value, old, { schema, path, problems });
  return problems;
}

interface Place {
  readonly schema: Schema;
  readonly path: string;
  readonly problems: FieldProblem[];
}

function visit(value: unknown, old: unknown, place: Place): void {
  const { schema, path, problems } = place;
  if (value === undefined || value === null) return;
  for (const rule of schema['x-kubernetes-validations'] ?? []) checkRule(rule, value, old, place);
  if (Array.isArray(value)) visitItems(value, old, place);
  else if (isFields(value)) {
    for (const [name, inner] of Object.entries(value)) {
      const child = propertySchema(schema, name);
      if (child) visit(inner, isFields(old) ? old[name] : undefined, { schema: child, path: path ? `${path}.${name}` : name, problems });
    }
  }
}

function visitItems(value: readonly unknown[], old: unknown, { schema, path, problems }: Place): void {
  const { items } = schema;
  if (!items) return;
  const keyed = schema['x-kubernetes-list-type'] === 'map' && Array.isArray(old);
  const before = new Map(keyed ? old.map((o) => [itemStep(o, schema), o]) : []);
  for (const [i, item] of value.entries())
    visit(item, before.get(itemStep(item, schema)), { schema: items, path: `${path}[${i}]`, problems });
}

function checkRule(rule: ValidationRule, value: unknown, old: unknown, { schema, path, problems }: Place): void {
  const onUpdatesOnly = /\boldSelf\b/.test(rule.rule);
  if (onUpdatesOnly && old === undefined) return;
  const context = { self: celValue(value, schema), oldSelf: old === undefined ? undefined : celValue(old, schema) };
  const program = compile(rule.rule);
  let outcome: unknown;
  let failure: string | undefined;
  try {
    if (program instanceof Error) throw program;
    outcome = program.run(context);
  } catch (error) {
    failure = error instanceof Error ? error.message.split('\n')[0] : String(error);
  }
  if (outcome === true) return;
  const field = rule.fieldPath ? `${path}${rule.fieldPath}` : path;
  if (failure !== undefined) problems.push(invalidValue(field, typeName(value), `rule evaluation error: ${failure}: ${rule.rule}`));
  else problems.push(worded(rule, field, messageOf(rule, context)));

  function typeName(of: unknown): string {
    return Array.isArray(of) ? 'array' : isFields(of) ? 'object' : typeof of;
  }
  function worded(by: ValidationRule, place: string, message: string): FieldProblem {
    if (by.reason === 'FieldValueRequired') return requiredValue(place, message);
    if (by.reason === 'FieldValueForbidden') return forbiddenField(place, message);
    return invalidValue(place, isFields(value) || Array.isArray(value) ? typeName(value) : value, message);
  }
}

function messageOf(rule: ValidationRule, context: Record<string, unknown>): string {
  const program = rule.messageExpression === undefined ? undefined : compile(rule.messageExpression);
  if (program && !(program instanceof Error)) {
    try {
      const text = program.run(context);
      if (typeof text === 'string' && text.trim()) return text;
    } catch {
      // The plain message stands in for an expression that fails, as in the API server.
    }
  }
  return rule.message ?? `failed rule: ${rule.rule}`;
}

/** JSON as the language sees it: integers are integers, not doubles; times are times. */
function celValue(value: unknown, schema: Schema | undefined): unknown {
  if (typeof value === 'number') return schema?.type !== 'number' && Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value === 'string' && schema?.format === 'date-time') return new Date(value);
  if (Array.isArray(value)) return value.map((item) => celValue(item, schema?.items));
  if (!isFields(value)) return value;
  const converted: Fields = {};
  for (const [name, inner] of Object.entries(value)) converted[name] = celValue(inner, propertySchema(schema, name));
  return converted;
}
