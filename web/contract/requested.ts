import type { ResourceName } from './api.ts';
import { formatAmount } from './format.ts';

export interface Requested {
  readonly requestKnown: boolean;
  readonly request: number | null;
}

/** `412m`, or why there is no number: nobody set one, or the source cannot tell. */
export function formatRequested(resource: ResourceName, { requestKnown, request }: Requested): string {
  return request === null ? (requestKnown ? 'not set' : 'not known') : formatAmount(resource, request);
}
