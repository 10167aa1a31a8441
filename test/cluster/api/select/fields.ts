import { isFields, type KubeObject } from '../object.ts';
import { badRequest } from '../status.ts';

export type FieldMatch = (object: KubeObject) => boolean;

const everything: FieldMatch = () => true;

/**
 * `spec.nodeName=n1,status.phase!=Running` as a predicate. Only the fields that the kind supports; the API refuses
 * others with a 400.
 * @param aliases other names of a field, as `reason` of an event's `reason`
 */
export function parseFieldSelector(text: string | undefined, supported: readonly string[], kind: string): FieldMatch {
  const source = text?.trim();
  if (!source) return everything;
  const matches = source.split(',').map((part) => {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part.trim());
    if (!match) throw badRequest(`invalid selector: '${source}'; can't understand '${part}'`);
    const [, field = '', operator, value = ''] = match;
    if (field !== 'metadata.name' && field !== 'metadata.namespace' && !supported.includes(field)) {
      throw badRequest(
        `"${field}" is not a known field selector: only ${['metadata.name', 'metadata.namespace', ...supported].map((f) => `"${f}"`).join(', ')} (${kind})`,
      );
    }
    const path = field.split('.');
    return operator === '!=' ? (o: KubeObject) => fieldText(o, path) !== value : (o: KubeObject) => fieldText(o, path) === value;
  });
  return (object) => matches.every((m) => m(object));
}

function fieldText(object: KubeObject, path: readonly string[]): string {
  let here: unknown = object;
  for (const step of path) {
    if (!isFields(here)) return '';
    here = here[step];
  }
  return here === undefined || here === null ? '' : String(here);
}
