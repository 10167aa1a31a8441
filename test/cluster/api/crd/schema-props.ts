import type { Schema } from '../schema/schema.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const count: Schema = { type: 'integer' };
const number: Schema = { type: 'number' };
const texts: Schema = { type: 'array', items: text };

const schemaProps: Mutable<Schema> = { type: 'object' };
const schemas: Schema = { type: 'array', items: schemaProps };

schemaProps.properties = {
  type: { type: 'string', enum: ['object', 'array', 'string', 'integer', 'number', 'boolean', ''] },
  format: text,
  title: text,
  description: text,
  nullable: flag,
  properties: { type: 'object', additionalProperties: schemaProps },
  additionalProperties: { anyOf: [flag, schemaProps] },
  items: schemaProps,
  required: texts,
  enum: { type: 'array' },
  minimum: number,
  maximum: number,
  exclusiveMinimum: flag,
  exclusiveMaximum: flag,
  multipleOf: number,
  minLength: count,
  maxLength: count,
  pattern: text,
  minItems: count,
  maxItems: count,
  uniqueItems: flag,
  minProperties: count,
  maxProperties: count,
  allOf: schemas,
  anyOf: schemas,
  oneOf: schemas,
  not: schemaProps,
  'x-kubernetes-list-type': { type: 'string', enum: ['map', 'set', 'atomic'] },
  'x-kubernetes-list-map-keys': texts,
  'x-kubernetes-map-type': { type: 'string', enum: ['granular', 'atomic'] },
  'x-kubernetes-preserve-unknown-fields': flag,
  'x-kubernetes-int-or-string': flag,
  'x-kubernetes-embedded-resource': flag,
  'x-kubernetes-validations': {
    type: 'array',
    items: {
      type: 'object',
      required: ['rule'],
      properties: { rule: text, message: text, messageExpression: text, reason: text, fieldPath: text, optionalOldSelf: flag },
    },
  },
};

/** The shape of a schema itself, as CRDs hold it. */
export const SCHEMA_PROPS: Schema = schemaProps;
