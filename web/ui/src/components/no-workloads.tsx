import { Link } from './link.tsx';
import { EmptyState } from './message.tsx';

/** An analysis that found nothing: 0 would look like an answer. */
export function NoWorkloads() {
  return (
    <EmptyState title="The analysis has no workloads">
      <p>
        No pod with usage was found in the window. Check what the source has with <code>neap doctor</code>, the namespaces and kinds that
        Neap was started with, and the findings under <Link to={{ page: 'data' }}>Data &amp; health</Link>.
      </p>
    </EmptyState>
  );
}
