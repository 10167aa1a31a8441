import { useEffect, useState } from 'preact/hooks';
import type { StateDto } from '../../../contract/api.ts';
import { apiUrl } from './api-client.ts';

export interface Live {
  /** undefined until the server has spoken. */
  readonly state: StateDto | undefined;
  readonly connected: boolean;
  /** Server's clock minus the visitor's, seconds. */
  readonly clockOffset: number;
}

/** How the analysis stands, as the server tells it; the browser reconnects by itself. */
export function useLiveState(): Live {
  const [live, setLive] = useState<Live>({ state: undefined, connected: true, clockOffset: 0 });
  useEffect(() => {
    const events = new EventSource(apiUrl('events'));
    events.addEventListener('state', (event) => {
      const state = JSON.parse((event as MessageEvent<string>).data) as StateDto;
      setLive({ state, connected: true, clockOffset: state.now - Date.now() / 1000 });
    });
    events.addEventListener('error', () => setLive((before) => ({ ...before, connected: false })));
    return () => events.close();
  }, []);
  return live;
}

/** Seconds by the server's clock, refreshed often enough for ages in words. */
export function useServerNow(clockOffset: number): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), 10_000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(now, 0) + clockOffset;
}
