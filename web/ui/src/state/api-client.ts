import type { ProblemDto } from '../../../contract/api.ts';

/** What the server refused, or that it did not answer at all. */
export class ApiError extends Error {
  readonly remedy: string | null;
  readonly requestId: string | null;
  readonly code: string;

  constructor(problem: Pick<ProblemDto, 'code' | 'detail' | 'remedy'> & { requestId: string | null }) {
    super(problem.detail);
    this.name = 'ApiError';
    this.code = problem.code;
    this.remedy = problem.remedy;
    this.requestId = problem.requestId;
  }
}

/** @param path below `api/v1/`, relative to the page's base */
export async function getJson<T>(path: string, signal: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(apiUrl(path), { signal, headers: { accept: 'application/json' } });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError({
      code: 'Unreachable',
      detail: 'Neap does not answer.',
      remedy: 'Check that `neap serve` still runs, and the network in between.',
      requestId: null,
    });
  }
  if (response.ok) return (await response.json()) as T;
  throw new ApiError(await problemOf(response));
}

export function apiUrl(path: string): string {
  return new URL(`api/v1/${path}`, document.baseURI).href;
}

async function problemOf(response: Response): Promise<ConstructorParameters<typeof ApiError>[0]> {
  const requestId = response.headers.get('x-request-id');
  try {
    return { ...((await response.json()) as ProblemDto), requestId };
  } catch {
    return {
      code: 'BadAnswer',
      detail: `The answer was HTTP ${response.status} and not from Neap.`,
      remedy: 'Check the proxy in between.',
      requestId,
    };
  }
}
