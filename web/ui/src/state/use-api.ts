import { useCallback, useEffect, useState } from 'preact/hooks';
import { ApiError, getJson } from './api-client.ts';

export interface Load<T> {
  /** The newest answer; while another loads, the one before it. */
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly loading: boolean;
  readonly retry: () => void;
}

interface State<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly loading: boolean;
}

/**
 * Reads `path` now, whenever it changes, and whenever the analysis does.
 * @param path below `api/v1/`
 * @param version tells one analysis from another, also over a restart of the server
 */
export function useApi<T>(path: string, version: string): Load<T> {
  const [state, setState] = useState<State<T>>({ data: undefined, error: undefined, loading: true });
  const [attempt, setAttempt] = useState(0);
  // A new version or attempt is a reason to read again.
  useEffect(() => {
    const abort = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    getJson<T>(path, abort.signal).then(
      (data) => setState({ data, error: undefined, loading: false }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setState((before) => ({ data: before.data, error, loading: false }));
      },
    );
    return () => abort.abort();
  }, [path, version, attempt]);
  const retry = useCallback(() => setAttempt((n) => n + 1), []);
  return { ...state, retry };
}
