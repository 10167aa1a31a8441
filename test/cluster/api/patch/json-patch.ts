import { type Fields, isFields, sameJson } from '../object.ts';
import { ApiError, badRequest } from '../status.ts';

/** RFC 6902. Works on a copy; a failing `test` and a missing place are a 422, as the API server answers. */
export function applyJsonPatch(target: Fields, patch: unknown): Fields {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  const root: Fields = { root: structuredClone(target) };
  for (const operation of patch) applyOperation(root, operation);
  return root.root as Fields;
}

function applyOperation(root: Fields, operation: unknown): void {
  if (!isFields(operation)) throw badRequest('a JSON patch is a list of operations');
  const path = pointer(operation.path);
  switch (operation.op) {
    case 'add':
      add(root, path, structuredClone(operation.value));
      return;
    case 'remove':
      remove(root, path);
      return;
    case 'replace':
      read(root, path);
      remove(root, path);
      add(root, path, structuredClone(operation.value));
      return;
    case 'move': {
      const moved = read(root, pointer(operation.from));
      remove(root, pointer(operation.from));
      add(root, path, moved);
      return;
    }
    case 'copy':
      add(root, path, structuredClone(read(root, pointer(operation.from))));
      return;
    case 'test':
      if (!sameJson(readOr(root, path), operation.value ?? null)) throw unprocessable(`testing value ${String(operation.path)} failed`);
      return;
    default:
      throw badRequest(`unexpected JSON patch operation "${String(operation.op)}"`);
  }
}

const unprocessable = (message: string): ApiError =>
  new ApiError({
    code: 422,
    reason: 'Invalid',
    message: `the server rejected our request due to an error in our request: ${message}`,
    details: {},
  });

function pointer(text: unknown): string[] {
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/'))) throw badRequest(`"${String(text)}" is not a JSON pointer`);
  return [
    'root',
    ...text
      .split('/')
      .slice(1)
      .map((s) => s.replaceAll('~1', '/').replaceAll('~0', '~')),
  ];
}

function read(root: Fields, path: readonly string[]): unknown {
  const value = step(parent(root, path), path);
  if (value === undefined) throw unprocessable(`path ${path.slice(1).join('/')} does not exist`);
  return value;
}

function readOr(root: Fields, path: readonly string[]): unknown {
  try {
    return read(root, path);
  } catch {
    return null;
  }
}

function step(container: unknown, path: readonly string[]): unknown {
  const key = path.at(-1) as string;
  if (Array.isArray(container)) return container[index(key, container.length - 1)];
  return isFields(container) && Object.hasOwn(container, key) ? container[key] : undefined;
}

function parent(root: Fields, path: readonly string[]): unknown {
  let here: unknown = root;
  for (const [i] of path.slice(0, -1).entries()) {
    here = step(here, path.slice(0, i + 1));
    if (typeof here !== 'object' || here === null) throw unprocessable(`path ${path.slice(1).join('/')} does not exist`);
  }
  return here;
}

function index(text: string, last: number): number {
  if (!/^(0|[1-9]\d*)$/.test(text) || Number(text) > last) throw unprocessable(`index "${text}" is out of bounds`);
  return Number(text);
}

function add(root: Fields, path: readonly string[], value: unknown): void {
  const container = parent(root, path);
  const key = path.at(-1) as string;
  if (Array.isArray(container)) container.splice(key === '-' ? container.length : index(key, container.length), 0, value);
  else (container as Fields)[key] = value;
}

function remove(root: Fields, path: readonly string[]): void {
  read(root, path);
  const container = parent(root, path);
  const key = path.at(-1) as string;
  if (Array.isArray(container)) container.splice(Number(key), 1);
  else delete (container as Fields)[key];
}
