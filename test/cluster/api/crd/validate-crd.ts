import { at, type Fields, fieldsOf, isFields, type KubeObject, listOf, textOf } from '../object.ts';
import { ruleProblem } from '../schema/cel.ts';
import type { Schema } from '../schema/schema.ts';
import { validate } from '../schema/validate.ts';
import { type FieldProblem, forbiddenField, invalidValue, requiredValue, unsupportedValue } from '../status.ts';
import { compileJsonPath } from './json-path.ts';
import { SCHEMA_PROPS } from './schema-props.ts';

/** What the API server refuses in a CustomResourceDefinition. */
export function validateCrd(crd: KubeObject, old: KubeObject | undefined): FieldProblem[] {
  const spec = fieldsOf(crd.spec);
  const names = fieldsOf(spec.names);
  const problems: FieldProblem[] = [];
  const wanted = `${textOf(names.plural)}.${textOf(spec.group)}`;
  if (crd.metadata.name !== wanted)
    problems.push(invalidValue('metadata.name', crd.metadata.name, 'must be spec.names.plural+"."+spec.group'));
  for (const field of ['plural', 'kind']) if (!textOf(names[field])) problems.push(requiredValue(`spec.names.${field}`));
  if (!textOf(spec.group).includes('.')) problems.push(invalidValue('spec.group', spec.group, 'should be a domain with at least one dot'));
  if (spec.scope !== 'Namespaced' && spec.scope !== 'Cluster')
    problems.push(unsupportedValue('spec.scope', spec.scope, ['Cluster', 'Namespaced']));
  if (old && at(old.spec, 'scope') !== spec.scope) problems.push(invalidValue('spec.scope', spec.scope, 'field is immutable'));
  const versions = listOf(spec.versions).filter(isFields);
  if (versions.filter((v) => v.storage === true).length !== 1)
    problems.push(invalidValue('spec.versions', '', 'must have exactly one version marked as storage version'));
  for (const [i, version] of versions.entries()) problems.push(...validateVersion(version, `spec.versions[${i}]`));
  return problems;
}

function validateVersion(version: Fields, path: string): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const schema = at(version, 'schema', 'openAPIV3Schema');
  const schemaPath = `${path}.schema.openAPIV3Schema`;
  if (!isFields(schema)) return [requiredValue(schemaPath, 'schemas are required')];
  const misshapen = validate(schema, SCHEMA_PROPS, schemaPath);
  if (misshapen.length > 0) return misshapen;
  if (schema.type !== 'object') problems.push(invalidValue(`${schemaPath}.type`, schema.type, 'must be object at the root'));
  checkStructure(schema as Schema, schemaPath, problems);
  for (const [i, column] of listOf(version.additionalPrinterColumns).entries()) {
    const where = `${path}.additionalPrinterColumns[${i}]`;
    if (!compileJsonPath(textOf(at(column, 'jsonPath'))))
      problems.push(invalidValue(`${where}.jsonPath`, at(column, 'jsonPath'), 'illegal JSONPath'));
    const types = ['boolean', 'date', 'integer', 'number', 'string'];
    if (!types.includes(textOf(at(column, 'type')))) problems.push(unsupportedValue(`${where}.type`, at(column, 'type'), types));
  }
  return problems;
}

/** The rules of structural schemas, and that what they hold can be used. */
function checkStructure(schema: Schema, path: string, problems: FieldProblem[]): void {
  const typed = schema.type !== undefined || schema['x-kubernetes-int-or-string'] || schema['x-kubernetes-preserve-unknown-fields'];
  if (!typed) problems.push(requiredValue(`${path}.type`, 'must not be empty for specified object fields'));
  if (schema.properties && schema.additionalProperties !== undefined)
    problems.push(forbiddenField(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'));
  if (schema.type === 'array' && !schema.items) problems.push(requiredValue(`${path}.items`, 'must be specified'));
  checkListType(schema, path, problems);
  checkPattern(schema, path, problems);
  if (schema.default !== undefined) for (const p of validate(schema.default, schema, `${path}.default`)) problems.push(p);
  checkRuleTexts(schema, path, problems);
  for (const [name, child] of Object.entries(schema.properties ?? {})) checkStructure(child, `${path}.properties[${name}]`, problems);
  if (typeof schema.additionalProperties === 'object')
    checkStructure(schema.additionalProperties, `${path}.additionalProperties`, problems);
  if (schema.items) checkStructure(schema.items, `${path}.items`, problems);
}

function checkRuleTexts(schema: Schema, path: string, problems: FieldProblem[]): void {
  const root = path.endsWith('openAPIV3Schema');
  for (const [i, rule] of (schema['x-kubernetes-validations'] ?? []).entries()) {
    const where = `${path}.x-kubernetes-validations[${i}]`;
    const problem = ruleProblem(rule.rule, schema, root);
    if (problem) problems.push(invalidValue(`${where}.rule`, rule.rule, `compilation failed: ${problem}`));
    const message = rule.messageExpression === undefined ? undefined : ruleProblem(rule.messageExpression, schema, root);
    if (message)
      problems.push(invalidValue(`${where}.messageExpression`, rule.messageExpression, `messageExpression compilation failed: ${message}`));
  }
}

function checkListType(schema: Schema, path: string, problems: FieldProblem[]): void {
  if (schema['x-kubernetes-list-type'] !== 'map') return;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (keys.length === 0)
    problems.push(requiredValue(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'));
  for (const key of keys) {
    const item = schema.items?.properties?.[key];
    if (!item) problems.push(invalidValue(`${path}.x-kubernetes-list-map-keys`, keys, `entries have to be properties of items: ${key}`));
    else if (item.default === undefined && !schema.items?.required?.includes(key))
      problems.push(
        requiredValue(
          `${path}.items.properties[${key}].default`,
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
        ),
      );
  }
}

function checkPattern(schema: Schema, path: string, problems: FieldProblem[]): void {
  if (schema.pattern === undefined) return;
  try {
    new RegExp(schema.pattern, 'u');
  } catch (error) {
    problems.push(invalidValue(`${path}.pattern`, schema.pattern, `must be a valid regular expression, but isn't: ${String(error)}`));
  }
}
