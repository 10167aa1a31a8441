import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import { ApiError, badRequest } from '../status.ts';
import { parseProtobuf } from './protobuf-body.ts';

/** etcd's limit, with room for the envelope, as the API server sets it. */
const MAX_BODY_BYTES = 3 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      throw new ApiError({ code: 413, reason: 'RequestEntityTooLarge', message: `Request entity too large: limit is ${MAX_BODY_BYTES}` });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** JSON, or YAML or protobuf where the content type says so. An empty body is undefined. */
export function parseBody(body: Buffer, contentType: string): unknown {
  if (body.length === 0) return undefined;
  if (contentType.includes('protobuf')) return parseProtobuf(body);
  try {
    return contentType.includes('yaml') ? parse(body.toString('utf8'), { maxAliasCount: 100 }) : JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${error instanceof Error ? error.message : String(error)}`);
  }
}
