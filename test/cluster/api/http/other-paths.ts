import { aggregated, coreVersions, groupDocument, groupList, groupsOf, resourceList, versionsOf } from '../discovery/discovery.ts';
import { type OpenApiV2, openApiV2, openApiV2Json, openApiV2Protobuf } from '../discovery/openapi-v2.ts';
import { openApiDocument, openApiIndex } from '../discovery/openapi-v3.ts';
import type { Machinery } from '../machinery.ts';
import { noSuchPath } from '../status.ts';
import type { Answer } from './answer.ts';
import { negotiate } from './negotiate.ts';
import type { RequestInfo } from './request-info.ts';

/** The release whose behaviour the server follows. */
const VERSION = {
  major: '1',
  minor: '35',
  gitVersion: 'v1.35.0',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: 'none',
  platform: 'node',
};

const HEALTH: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz']);

/** Discovery, OpenAPI, version and health. */
export class OtherPaths {
  readonly #machinery: Machinery;
  /** Documents are made once for each set of served kinds. */
  #cached: { generation: number; documents: Map<string, unknown> } = { generation: -1, documents: new Map() };

  constructor(machinery: Machinery) {
    this.#machinery = machinery;
  }

  handle(info: RequestInfo, accept: string | undefined, answer: Answer): void {
    const path = info.path.replace(/\/$/, '');
    if (HEALTH.has(path)) answer.text(200, 'ok', 'text/plain');
    else if (path === '/version') answer.json(200, VERSION);
    else if (path.startsWith('/openapi')) this.#openApi(path, accept ?? '', answer);
    else this.#discover(path, accept, answer);
  }

  #discover(path: string, accept: string | undefined, answer: Answer): void {
    const { types } = this.#machinery;
    const [, root, group, version] = path.split('/');
    const { aggregatedVersion } = negotiate(accept);
    if (path === '') {
      answer.json(200, {
        paths: [
          '/api',
          '/api/v1',
          '/apis',
          ...groupsOf(types).map((g) => `/apis/${g}`),
          '/healthz',
          '/openapi/v2',
          '/openapi/v3',
          '/version',
        ],
      });
    } else if ((root === 'api' || root === 'apis') && group === undefined) {
      if (aggregatedVersion === undefined) answer.json(200, root === 'api' ? coreVersions() : groupList(types));
      else
        answer.text(
          200,
          JSON.stringify(aggregated(types, root, aggregatedVersion)),
          `application/json;g=apidiscovery.k8s.io;v=${aggregatedVersion};as=APIGroupDiscoveryList`,
        );
    } else if (root === 'api' && group === 'v1') answer.json(200, resourceList(types, '', 'v1'));
    else if (root === 'apis' && group !== undefined && groupsOf(types).includes(group)) {
      if (version === undefined) answer.json(200, groupDocument(types, group));
      else if (versionsOf(types, group).includes(version)) answer.json(200, resourceList(types, group, version));
      else throw noSuchPath();
    } else throw noSuchPath();
  }

  #openApi(path: string, accept: string, answer: Answer): void {
    const { types } = this.#machinery;
    if (path === '/openapi/v2') {
      const document = this.#once(path, () => openApiV2(types)) as OpenApiV2;
      if (accept.includes('protobuf'))
        answer.text(
          200,
          this.#once(`${path} protobuf`, () => openApiV2Protobuf(document)) as Buffer,
          'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
        );
      else answer.json(200, openApiV2Json(document));
      return;
    }
    if (path === '/openapi/v3') {
      answer.json(200, openApiIndex(types));
      return;
    }
    const [, , , root, first = '', second = ''] = path.split('/');
    const [group, version] = root === 'api' ? ['', first] : [first, second];
    if (!versionsOf(types, group).includes(version)) throw noSuchPath();
    answer.text(200, this.#once(path, () => JSON.stringify(openApiDocument(types, group, version))) as string, 'application/json');
  }

  #once(key: string, make: () => unknown): unknown {
    const { generation } = this.#machinery.types;
    if (this.#cached.generation !== generation) this.#cached = { generation, documents: new Map() };
    const { documents } = this.#cached;
    if (!documents.has(key)) documents.set(key, make());
    return documents.get(key);
  }
}
