import { parseQuantity } from '../../../../common/quantity.ts';
import { type Fields, isFields, sameJson } from '../object.ts';
import { duplicateValue, type FieldProblem, invalidValue, requiredValue, unsupportedValue, wrongType } from '../status.ts';
import { propertySchema, type Schema } from './schema.ts';

/** Everything in which the value breaks the schema; CEL rules are checked elsewhere, and only if this finds nothing. */
export function validate(value: unknown, schema: Schema, path = ''): FieldProblem[] {
  const problems: FieldProblem[] = [];
  check(value, schema, path, problems);
  return problems;
}

function check(value: unknown, schema: Schema, path: string, problems: FieldProblem[]): void {
  if (value === null && schema.nullable) return;
  if (schema['x-kubernetes-int-or-string']) {
    if (typeof value !== 'string' && !Number.isInteger(value))
      problems.push(wrongType(path, typeName(value), `${path} in body must be of type integer,string: "${typeName(value)}"`));
  } else if (schema.type && !hasType(value, schema.type)) {
    problems.push(wrongType(path, typeName(value), `${path} in body must be of type ${schema.type}: "${typeName(value)}"`));
    return;
  }
  if (schema.enum && !schema.enum.some((e) => sameJson(e, value))) problems.push(unsupportedValue(path, value, schema.enum));
  if (typeof value === 'string') checkText(value, schema, path, problems);
  else if (typeof value === 'number') checkNumber(value, schema, path, problems);
  else if (Array.isArray(value)) checkList(value, schema, path, problems);
  else if (isFields(value)) checkObject(value, schema, path, problems);
  checkCombined(value, schema, path, problems);
}

function hasType(value: unknown, type: NonNullable<Schema['type']>): boolean {
  switch (type) {
    case 'object':
      return isFields(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
  }
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': (t) => /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(t) && !Number.isNaN(Date.parse(t)),
  date: (t) => /^\d{4}-\d\d-\d\d$/.test(t) && !Number.isNaN(Date.parse(t)),
  duration: (t) => /^[+-]?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$|^0$/.test(t),
  byte: (t) => /^[A-Za-z0-9+/]*={0,2}$/.test(t) && t.length % 4 === 0,
  uuid: (t) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(t),
  ipv4: (t) => /^(\d{1,3}\.){3}\d{1,3}$/.test(t),
  uri: (t) => URL.canParse(t),
  email: (t) => /^[^@\s]+@[^@\s]+$/.test(t),
  quantity: (t) => parseQuantity(t).ok,
};

function checkText(value: string, schema: Schema, path: string, problems: FieldProblem[]): void {
  const length = [...value].length;
  if (schema.maxLength !== undefined && length > schema.maxLength)
    problems.push(invalidValue(path, value, `${path} in body should be at most ${schema.maxLength} chars long`));
  if (schema.minLength !== undefined && length < schema.minLength)
    problems.push(invalidValue(path, value, `${path} in body should be at least ${schema.minLength} chars long`));
  if (schema.pattern !== undefined && !patternOf(schema.pattern).test(value))
    problems.push(invalidValue(path, value, `${path} in body should match '${schema.pattern}'`));
  const format = schema.format === undefined ? undefined : FORMATS[schema.format];
  if (format && !format(value)) problems.push(invalidValue(path, value, `${path} in body must be of type ${schema.format}: "${value}"`));
}

const patterns = new Map<string, RegExp>();

function patternOf(source: string): RegExp {
  let found = patterns.get(source);
  if (!found) {
    found = new RegExp(source, 'u');
    patterns.set(source, found);
  }
  return found;
}

function checkNumber(value: number, schema: Schema, path: string, problems: FieldProblem[]): void {
  const { minimum, maximum } = schema;
  if (minimum !== undefined && (schema.exclusiveMinimum ? value <= minimum : value < minimum)) {
    problems.push(
      invalidValue(path, value, `${path} in body should be greater than ${schema.exclusiveMinimum ? '' : 'or equal to '}${minimum}`),
    );
  }
  if (maximum !== undefined && (schema.exclusiveMaximum ? value >= maximum : value > maximum)) {
    problems.push(
      invalidValue(path, value, `${path} in body should be less than ${schema.exclusiveMaximum ? '' : 'or equal to '}${maximum}`),
    );
  }
  if (schema.multipleOf !== undefined && !Number.isInteger(value / schema.multipleOf))
    problems.push(invalidValue(path, value, `${path} in body should be a multiple of ${schema.multipleOf}`));
  if (schema.format === 'int32' && (value > 2 ** 31 - 1 || value < -(2 ** 31)))
    problems.push(invalidValue(path, value, `${path} in body must be of type int32: "${value}"`));
}

function checkList(value: readonly unknown[], schema: Schema, path: string, problems: FieldProblem[]): void {
  if (schema.maxItems !== undefined && value.length > schema.maxItems)
    problems.push(invalidValue(path, value.length, `${path} in body should have at most ${schema.maxItems} items`));
  if (schema.minItems !== undefined && value.length < schema.minItems)
    problems.push(invalidValue(path, value.length, `${path} in body should have at least ${schema.minItems} items`));
  const keys = schema['x-kubernetes-list-type'] === 'map' ? schema['x-kubernetes-list-map-keys'] : undefined;
  const seen = new Set<string>();
  for (const [i, item] of value.entries()) {
    if (schema.items) check(item, schema.items, `${path}[${i}]`, problems);
    if (keys || schema['x-kubernetes-list-type'] === 'set') {
      const identity = keys ? Object.fromEntries(keys.map((k) => [k, isFields(item) ? item[k] : undefined])) : item;
      const text = JSON.stringify(identity);
      if (seen.has(text)) problems.push(duplicateValue(`${path}[${i}]`, identity));
      seen.add(text);
    }
  }
}

function checkObject(value: Fields, schema: Schema, path: string, problems: FieldProblem[]): void {
  for (const name of schema.required ?? []) {
    if (value[name] === undefined) problems.push(requiredValue(path ? `${path}.${name}` : name));
  }
  const count = Object.keys(value).length;
  if (schema.maxProperties !== undefined && count > schema.maxProperties)
    problems.push(invalidValue(path, count, `${path} in body should have at most ${schema.maxProperties} properties`));
  if (schema.minProperties !== undefined && count < schema.minProperties)
    problems.push(invalidValue(path, count, `${path} in body should have at least ${schema.minProperties} properties`));
  for (const [name, inner] of Object.entries(value)) {
    const child = propertySchema(schema, name);
    if (child && inner !== undefined) check(inner, child, path ? `${path}.${name}` : name, problems);
  }
}

function checkCombined(value: unknown, schema: Schema, path: string, problems: FieldProblem[]): void {
  const fits = (s: Schema) => validate(value, s, path).length === 0;
  for (const part of schema.allOf ?? []) check(value, part, path, problems);
  if (schema.anyOf && !schema.anyOf.some(fits))
    problems.push(invalidValue(path, '', `"${path}" must validate at least one schema (anyOf)`));
  if (schema.oneOf && schema.oneOf.filter(fits).length !== 1)
    problems.push(invalidValue(path, '', `"${path}" must validate one and only one schema (oneOf)`));
  if (schema.not && fits(schema.not)) problems.push(invalidValue(path, '', `"${path}" must not validate the schema (not)`));
}
