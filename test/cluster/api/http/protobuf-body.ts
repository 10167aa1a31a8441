import type { Fields } from '../object.ts';
import { unsupportedMedia } from '../status.ts';
import { type FieldType, field, KINDS, type Message, optional, SKIPPED } from './protobuf-kinds.ts';

const MAGIC = Buffer.from('k8s\0');
/** runtime.Unknown, which wraps every object. */
const ENVELOPE: Message = {
  1: field('typeMeta', { 1: field('apiVersion'), 2: field('kind') }),
  2: field('raw', 'bytes'),
  3: field('contentEncoding'),
  4: field('contentType'),
};

/**
 * Reads the protobuf bodies of the few kinds that kubectl writes through typed clients (`kubectl create`,
 * `auth can-i`, `drain`). Everything else that it sends, and all that the server answers, is JSON.
 * @throws ApiError 415 for kinds and fields that are not known here
 */
export function parseProtobuf(body: Buffer): Fields {
  if (!body.subarray(0, 4).equals(MAGIC)) throw unsupported('something without its envelope');
  const envelope = readMessage(body.subarray(4), ENVELOPE);
  const { apiVersion, kind } = envelope.typeMeta as { apiVersion: string; kind: string };
  const message = KINDS[`${apiVersion} ${kind}`] ?? KINDS[kind];
  if (!message) throw unsupported(kind);
  return { apiVersion, kind, ...readMessage(Buffer.from(String(envelope.raw ?? ''), 'base64'), message) };
}

const unsupported = (what: string): Error =>
  unsupportedMedia(`protobuf is understood for a few kinds only, not for ${what}: send application/json or application/yaml`);

function readMessage(bytes: Buffer, message: Message): Fields {
  const result: Fields = {};
  let offset = 0;
  while (offset < bytes.length) {
    const [tag, afterTag] = readVarint(bytes, offset);
    const [value, next] = readWire(bytes, afterTag, tag % 8);
    offset = next;
    const type = message[Math.floor(tag / 8)];
    if (!type) throw unsupported(`its field number ${Math.floor(tag / 8)} beside ${Object.keys(result).join(', ')}`);
    if (type !== SKIPPED) put(result, type, value);
  }
  return result;
}

function put(result: Fields, type: FieldType, wire: Buffer | number): void {
  if (type.shape === 'map') {
    const entry = readMessage(wire as Buffer, { 1: field('key'), 2: { ...field('value', type.kind), pointer: true } });
    const entries = (result[type.name] ?? {}) as Fields;
    entries[String(entry.key ?? '')] = entry.value ?? '';
    result[type.name] = entries;
    return;
  }
  const value = convert(type.kind, wire);
  if (type.shape === 'list') result[type.name] = [...((result[type.name] ?? []) as unknown[]), value];
  else if (type.pointer || !isZero(value)) result[type.name] = value;
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

function convert(kind: FieldType['kind'], wire: Buffer | number): unknown {
  if (typeof wire === 'number') return kind === 'bool' ? wire !== 0 : wire;
  if (kind === 'string') return wire.toString('utf8');
  if (kind === 'bytes') return wire.toString('base64');
  if (kind === 'quantity') return readMessage(wire, { 1: field('string') }).string ?? '0';
  if (kind === 'intOrString') {
    const read = readMessage(wire, { 1: field('type', 'integer'), 2: optional('intVal', 'integer'), 3: field('strVal') });
    return read.type === 1 ? (read.strVal ?? '') : (read.intVal ?? 0);
  }
  // A time without content is no time.
  return typeof kind === 'object' && Object.keys(kind).length === 0 ? {} : readMessage(wire, kind as Message);
}

function readWire(bytes: Buffer, offset: number, wireType: number): [Buffer | number, number] {
  if (wireType === 0) return readVarint(bytes, offset);
  if (wireType !== 2) throw unsupported(`wire type ${wireType}`);
  const [length, start] = readVarint(bytes, offset);
  return [bytes.subarray(start, start + length), start + length];
}

function readVarint(bytes: Buffer, offset: number): [number, number] {
  let value = 0n;
  let shift = 0n;
  for (let i = offset; i < bytes.length; i++) {
    const byte = BigInt(bytes[i] as number);
    value |= (byte & 127n) << shift;
    if (byte < 128n) return [Number(BigInt.asIntN(64, value)), i + 1];
    shift += 7n;
  }
  throw unsupported('a body that ends early');
}
