import type { ComponentChildren } from 'preact';
import type { ApiError } from '../state/api-client.ts';
import { Icon, type IconName } from './icon.tsx';

/** In place of content: why there is none, and what to do. */
export function EmptyState({ title, icon = 'empty', wholePage = false, children }: EmptyStateProps) {
  return (
    <div class="message">
      <Icon name={icon} />
      {wholePage ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children}
    </div>
  );
}

interface EmptyStateProps {
  readonly title: string;
  readonly icon?: IconName;
  /** Where it stands for the page and not for a part of it. */
  readonly wholePage?: boolean;
  readonly children: ComponentChildren;
}

export function ErrorPanel({ title, error, retry }: { title: string; error: ApiError; retry: () => void }) {
  return (
    <div class="message" role="alert">
      <Icon name="warning" />
      <h2>{title}</h2>
      <p>{error.message}</p>
      {error.remedy !== null && <p>{error.remedy}</p>}
      <button type="button" class="button" onClick={retry}>
        Try again
      </button>
      {error.requestId !== null && <p class="request-id">Request {error.requestId}</p>}
    </div>
  );
}

export function Skeleton({ height, width = '100%' }: { height: number; width?: string }) {
  return <span class="skeleton" style={{ height: `${height}px`, width }} aria-hidden="true" />;
}

/** Tells screen readers what the skeletons show to the others. */
export function Loading({ what, children }: { what: string; children: ComponentChildren }) {
  return (
    <div aria-busy="true">
      <span class="visually-hidden">Loading {what}</span>
      {children}
    </div>
  );
}
