import type { StateDto } from '../../../contract/api.ts';
import { formatAge } from '../../../contract/format.ts';
import { formatDayAndTime } from '../time.ts';
import { Icon } from './icon.tsx';

interface BannersProps {
  readonly state: StateDto;
  readonly connected: boolean;
  readonly now: number;
}

/** What the reader must know before he believes the numbers below. */
export function Banners({ state, connected, now }: BannersProps) {
  return (
    <>
      {!connected && (
        <div class="banner error" role="status">
          <Icon name="warning" />
          <strong>No connection to Neap.</strong>
          <span>What you see is from {formatDayAndTime(state.now)}. The page reconnects by itself.</span>
        </div>
      )}
      {state.error !== null && (
        <div class="banner error" role="status">
          <Icon name="warning" />
          <strong>The newest analysis failed {formatAge(now - state.error.at)} ago.</strong>
          <span>
            {state.error.message} {state.error.remedy}
          </span>
        </div>
      )}
      {state.stale && <StaleBanner state={state} now={now} />}
    </>
  );
}

function StaleBanner({ state, now }: Pick<BannersProps, 'state' | 'now'>) {
  const sample = state.newestSampleAt;
  return (
    <div class="banner" role="status">
      <Icon name="warning" />
      <strong>The data is old.</strong>
      <span>
        {sample === null
          ? 'There is no usage sample.'
          : `The newest usage sample is ${formatAge(now - sample)} old (${formatDayAndTime(sample)}).`}{' '}
        The numbers describe that time, not now.
      </span>
    </div>
  );
}
