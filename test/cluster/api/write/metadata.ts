import { isFields, type KubeObject, type ObjectMeta } from '../object.ts';
import type { ResourceType } from '../resource-type.ts';
import { type FieldProblem, forbiddenField, invalidValue, requiredValue } from '../status.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const PATH_SEGMENT = /^[^/%]+$/;
const QUALIFIED = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const ANNOTATION_BYTES = 256 * 1024;

/** Kinds whose names are one label, and those whose names may be any path segment. */
const LABEL_NAMES: ReadonlySet<string> = new Set(['Namespace', 'Service']);
const FREE_NAMES: ReadonlySet<string> = new Set(['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding']);

export function validateMetadata(object: KubeObject, type: ResourceType): FieldProblem[] {
  const { metadata } = object;
  return [...validateName(metadata, type), ...validateLabels(metadata), ...validateAnnotations(metadata), ...validateOwners(metadata)];
}

function validateName(metadata: ObjectMeta, type: ResourceType): FieldProblem[] {
  const { name } = metadata;
  if (!name) return [requiredValue('metadata.name', 'name or generateName is required')];
  if (FREE_NAMES.has(type.kind)) return PATH_SEGMENT.test(name) ? [] : [invalidValue('metadata.name', name, "may not contain '/' or '%'")];
  const label = LABEL_NAMES.has(type.kind);
  if (label ? LABEL.test(name) && name.length <= 63 : SUBDOMAIN.test(name) && name.length <= 253) return [];
  return [
    invalidValue(
      'metadata.name',
      name,
      label
        ? "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
        : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ),
  ];
}

function validateLabels(metadata: ObjectMeta): FieldProblem[] {
  return Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => [
    ...(QUALIFIED.test(key)
      ? []
      : [invalidValue('metadata.labels', key, "name part must consist of alphanumeric characters, '-', '_' or '.'")]),
    ...(typeof value === 'string' && LABEL_VALUE.test(value)
      ? []
      : [
          invalidValue(
            'metadata.labels',
            value,
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
          ),
        ]),
  ]);
}

function validateAnnotations(metadata: ObjectMeta): FieldProblem[] {
  const entries = Object.entries(metadata.annotations ?? {});
  const problems = entries
    .filter(([key]) => !QUALIFIED.test(key))
    .map(([key]) => invalidValue('metadata.annotations', key, "name part must consist of alphanumeric characters, '-', '_' or '.'"));
  const bytes = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (bytes > ANNOTATION_BYTES)
    problems.push({
      reason: 'FieldValueInvalid',
      field: 'metadata.annotations',
      message: `Too long: may not be more than ${ANNOTATION_BYTES} bytes`,
    });
  return problems;
}

function validateOwners(metadata: ObjectMeta): FieldProblem[] {
  const owners = metadata.ownerReferences ?? [];
  const problems = owners.flatMap((owner, i) =>
    (['apiVersion', 'kind', 'name', 'uid'] as const)
      .filter((f) => !isFields(owner) || !owner[f])
      .map((f) => requiredValue(`metadata.ownerReferences[${i}].${f}`)),
  );
  if (owners.filter((o) => o.controller === true).length > 1)
    problems.push(invalidValue('metadata.ownerReferences', owners, 'Only one reference can have Controller set to true'));
  return problems;
}

/** What no update may touch. */
export function validateMetadataUpdate(object: KubeObject, old: KubeObject): FieldProblem[] {
  const before = old.metadata.finalizers ?? [];
  const added = (object.metadata.finalizers ?? []).filter((f) => !before.includes(f));
  return old.metadata.deletionTimestamp && added.length > 0
    ? [
        forbiddenField(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`,
        ),
      ]
    : [];
}
