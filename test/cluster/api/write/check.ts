import { validateResize } from '../builtins/pod-validation.ts';
import type { KubeObject } from '../object.ts';
import { asStored, type Subresource } from '../resource-type.ts';
import { checkRules } from '../schema/cel.ts';
import { validate } from '../schema/validate.ts';
import { badRequest, type FieldProblem, invalid } from '../status.ts';
import { validateMetadata, validateMetadataUpdate } from './metadata.ts';
import { broughtIn } from './ratchet.ts';
import type { WriteRequest } from './request.ts';

/** Everything that is wrong with an object that shall be stored. @param old both in the request's version */
export function checkObject(request: WriteRequest, object: KubeObject, old: KubeObject | undefined): void {
  const { type, version } = request;
  const problems: FieldProblem[] = [...validateMetadata(object, type), ...(old ? validateMetadataUpdate(object, old) : [])];
  const schema = version.schema();
  if (schema) {
    const { metadata: _, ...rest } = object;
    const found = validate(rest, { ...schema, properties: withoutMetadata(schema.properties) }).filter(
      (p) => p.field !== 'metadata' && (type.custom || !isAbsentInStatus(p)),
    );
    const mistyped = found.find((p) => p.reason === 'FieldValueTypeInvalid');
    if (mistyped && !type.custom) {
      throw badRequest(
        `${type.kind} in version "${version.name}" cannot be handled as a ${type.kind}: json: cannot unmarshal ${mistyped.field}: ${mistyped.message}`,
      );
    }
    const broken = found.length === 0 && type.custom ? checkRules(object, old, schema) : found;
    problems.push(...(type.custom ? broughtIn(broken, object, old) : broken));
  }
  if (problems.length === 0) problems.push(...particular(request, object, old));
  if (problems.length > 0) throw invalid(type.kind, type.group, object.metadata.name || request.name || '', problems);
}

/** The typed kinds read what is missing in a status as zero. */
function isAbsentInStatus(problem: FieldProblem): boolean {
  return problem.reason === 'FieldValueRequired' && problem.field.startsWith('status.');
}

function withoutMetadata<T>(properties: Readonly<Record<string, T>> | undefined): Record<string, T> {
  const { metadata: _, ...rest } = properties ?? {};
  return rest as Record<string, T>;
}

const SKIPS_SPEC: ReadonlySet<Subresource | undefined> = new Set<Subresource>(['status', 'binding']);

function particular(request: WriteRequest, object: KubeObject, old: KubeObject | undefined): readonly FieldProblem[] {
  const { type, version, subresource } = request;
  if (SKIPS_SPEC.has(subresource)) return [];
  const stored = asStored(object, type, version);
  const before = old && asStored(old, type, version);
  if (subresource === 'resize' && before) return validateResize(stored, before);
  return type.behaviour.validate?.(stored, before) ?? [];
}
