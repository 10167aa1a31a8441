import { isFields, sameJson } from '../object.ts';
import type { FieldProblem } from '../status.ts';

/**
 * The problems that an update brings in: what was wrong before and has not changed is let be, so that a stricter
 * schema does not lock old objects.
 */
export function broughtIn(problems: readonly FieldProblem[], object: unknown, old: unknown): readonly FieldProblem[] {
  if (old === undefined) return problems;
  return problems.filter((problem) => {
    const path = stepsOf(problem.field);
    // What is missing is a matter of the object that it is missing in.
    const place = problem.reason === 'FieldValueRequired' ? path.slice(0, -1) : path;
    return !sameJson(read(object, place), read(old, place));
  });
}

/** `spec.parts[1].name` → spec, parts, 1, name */
function stepsOf(path: string): string[] {
  return path.split(/[.[\]]+/).filter((step) => step !== '');
}

function read(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((here, step) => (Array.isArray(here) ? here[Number(step)] : isFields(here) ? here[step] : undefined), value);
}
