import { type Fields, isFields } from '../object.ts';
import { keepsUnknown, propertySchema, type Schema } from './schema.ts';

/** What the language's parser makes of an expression: operators with their arguments. */
interface Node {
  readonly op: string;
  readonly args: unknown;
}

type Scope = ReadonlyMap<string, Schema | undefined>;

const COMPREHENSIONS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'existsOne', 'map', 'filter', 'sortBy']);
const METADATA: Schema = { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } };

/**
 * The fields that a rule reads and its schema does not have: the rule would never hold.
 * @param root the schema is that of a whole resource, with type and metadata
 */
export function undefinedFields(ast: unknown, schema: Schema, root: boolean): string[] {
  const self: Schema = root
    ? { ...schema, properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, ...schema.properties, metadata: METADATA } }
    : schema;
  const missing: string[] = [];
  infer(
    ast,
    new Map([
      ['self', self],
      ['oldSelf', self],
    ]),
    missing,
  );
  return missing;
}

function isNode(value: unknown): value is Node {
  return isFields(value) && typeof (value as Fields).op === 'string';
}

/** The schema of an expression's value, where it follows from the schemas in scope. */
function infer(value: unknown, scope: Scope, missing: string[]): Schema | undefined {
  if (Array.isArray(value)) {
    for (const item of value) infer(item, scope, missing);
    return undefined;
  }
  if (!isNode(value)) return undefined;
  const args: readonly unknown[] = Array.isArray(value.args) ? value.args : [value.args];
  switch (value.op) {
    case 'id':
      return scope.get(String(args[0]));
    case '.':
    case '.?':
      return field(infer(args[0], scope, missing), String(args[1]), missing);
    case '[]':
    case '[?]': {
      infer(args[1], scope, missing);
      return element(infer(args[0], scope, missing));
    }
    case 'rcall':
      return call(args, scope, missing);
    default:
      for (const arg of args) infer(arg, scope, missing);
      return undefined;
  }
}

function field(of: Schema | undefined, escaped: string, missing: string[]): Schema | undefined {
  if (!of || keepsUnknown(of) || of.type !== 'object') return undefined;
  // Names that are words of the language are written with underscores.
  const name = escaped
    .replace(/^__(\w+)__$/, '$1')
    .replaceAll('__dash__', '-')
    .replaceAll('__dot__', '.')
    .replaceAll('__slash__', '/');
  const found = propertySchema(of, name);
  if (!found) missing.push(name);
  return found;
}

function element(of: Schema | undefined): Schema | undefined {
  if (of?.type === 'array') return of.items;
  return typeof of?.additionalProperties === 'object' ? of.additionalProperties : undefined;
}

/** `receiver.name(arguments)`, of which some bind names of their own. */
function call([name, receiver, given]: readonly unknown[], scope: Scope, missing: string[]): Schema | undefined {
  const of = infer(receiver, scope, missing);
  const args: readonly unknown[] = Array.isArray(given) ? given : [];
  const [bound, ...rest] = args;
  const variable = isNode(bound) && bound.op === 'id' ? String(bound.args) : undefined;
  if (variable !== undefined && COMPREHENSIONS.has(String(name))) {
    // Over a map the names of its entries run.
    const item = of?.type === 'array' ? of.items : undefined;
    infer([...rest], new Map([...scope, [variable, item]]), missing);
    return name === 'filter' || name === 'sortBy' ? of : undefined;
  }
  if (variable !== undefined && name === 'bind' && isNode(receiver) && receiver.args === 'cel') {
    const value = infer(rest[0], scope, missing);
    return infer(rest[1], new Map([...scope, [variable, value]]), missing);
  }
  infer([...args], scope, missing);
  return undefined;
}
