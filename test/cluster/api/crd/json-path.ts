import { isFields, sameJson } from '../object.ts';

type Step = (value: unknown) => readonly unknown[];

/**
 * The JSONPath that printer columns use: fields, `['quoted']` ones, indices, `[*]` and filters by equality
 * (`.status.conditions[?(@.type=="Ready")].status`).
 * @returns undefined where the text is not such a path
 */
export function compileJsonPath(path: string): ((value: unknown) => readonly unknown[]) | undefined {
  const steps: Step[] = [];
  let rest = path.replace(/^\$/, '');
  while (rest !== '') {
    const match = STEP.exec(rest);
    if (!match) return undefined;
    steps.push(stepOf(match.groups ?? {}));
    rest = rest.slice(match[0].length);
  }
  return (value) => steps.reduce<readonly unknown[]>((values, step) => values.flatMap((v) => [...step(v)]), [value]);
}

const STEP =
  /^(?:\.?\[\?\(@\.(?<filter>[\w.-]+)\s*==\s*(?<wanted>"[^"]*"|'[^']*'|[\w.-]+)\)\]|\.?\[(?<index>-?\d+)\]|\.?\[(?<all>\*)\]|\.(?<every>\*)|\.?\['(?<quoted>(?:[^'\\]|\\.)+)'\]|\.(?<field>(?:[^.[\\]|\\.)+))/;

function stepOf(groups: Readonly<Record<string, string | undefined>>): Step {
  const { filter, wanted, index, all, every, quoted, field } = groups;
  if (filter !== undefined) {
    const value = literal(wanted ?? '');
    const path = filter.split('.');
    return (v) =>
      itemsOf(v).filter((item) =>
        sameJson(
          path.reduce<unknown>((o, p) => (isFields(o) ? o[p] : undefined), item),
          value,
        ),
      );
  }
  if (index !== undefined) return (v) => (Array.isArray(v) && v.at(Number(index)) !== undefined ? [v.at(Number(index))] : []);
  if (all !== undefined || every !== undefined) return itemsOf;
  const name = (quoted ?? field ?? '').replace(/\\(.)/g, '$1');
  return (v) => (isFields(v) && v[name] !== undefined ? [v[name]] : []);
}

function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isFields(value) ? Object.values(value) : [];
}

function literal(text: string): unknown {
  if (/^["']/.test(text)) return text.slice(1, -1);
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isNaN(Number(text)) ? text : Number(text);
}
