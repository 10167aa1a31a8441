import { useEffect, useRef } from 'preact/hooks';
import type { StateDto } from '../../contract/api.ts';
import { formatAge } from '../../contract/format.ts';
import { WORKLOADS_DEFAULTS } from '../../contract/query.ts';
import type { Route } from '../../contract/route.ts';
import { Banners } from './components/banners.tsx';
import { Logo } from './components/icon.tsx';
import { Link } from './components/link.tsx';
import { EmptyState } from './components/message.tsx';
import { ThemeSwitch } from './components/theme-switch.tsx';
import { DataPage } from './pages/data.tsx';
import { FirstRun } from './pages/first-run.tsx';
import { Overview } from './pages/overview.tsx';
import { WorkloadPage } from './pages/workload.tsx';
import { Workloads } from './pages/workloads.tsx';
import { type Live, useLiveState, useServerNow } from './state/live-state.ts';
import { placeOf, useRoute } from './state/navigation.ts';
import { timeZoneTitle } from './time.ts';

export function App() {
  const route = useRoute();
  const live = useLiveState();
  const now = useServerNow(live.clockOffset);
  const main = useRef<HTMLElement>(null);
  const place = placeOf(route);
  const firstPlace = useRef(place);

  // After a change of page, a keyboard or screen reader user goes on at its heading.
  useEffect(() => {
    document.title = `${titleOf(route)} · Neap`;
    if (firstPlace.current === place) return;
    firstPlace.current = '';
    main.current?.focus({ preventScroll: true });
  }, [place]);

  return (
    <>
      <a class="skip-link" href={`${location.pathname}${location.search}#main`} onClick={(event) => skipTo(event, main.current)}>
        Skip to content
      </a>
      <header class="app-bar">
        <div class="app-bar-inner">
          <Link class="brand" to={{ page: 'overview' }} aria-label="Neap, overview">
            <Logo />
            Neap
          </Link>
          <nav class="app-nav" aria-label="Pages">
            <NavLink to={{ page: 'overview' }} active={route.page === 'overview'} title="Overview" />
            <NavLink
              to={{ page: 'workloads', query: WORKLOADS_DEFAULTS }}
              active={route.page === 'workloads' || route.page === 'workload'}
              title="Workloads"
            />
            <NavLink to={{ page: 'data' }} active={route.page === 'data'} title="Data &amp; health" />
          </nav>
          {live.state !== undefined && <Freshness state={live.state} now={now} />}
          <ThemeSwitch />
        </div>
      </header>
      <main class="app-main" id="main" ref={main} tabIndex={-1}>
        <Content route={route} live={live} now={now} />
      </main>
      <div id="live-region" class="visually-hidden" aria-live="polite" />
      <footer class="app-footer">
        <span>Savings shown are potential: money is saved once nodes are released.</span>
        <span>A month is 730 hours.</span>
        <span>Times in {timeZoneTitle(now)}.</span>
      </footer>
    </>
  );
}

function Content({ route, live, now }: { route: Route; live: Live; now: number }) {
  const { state, connected } = live;
  if (state === undefined) return <FirstRun live={live} />;
  if (state.version === 0) return <FirstRun live={live} />;
  return (
    <>
      <div class="banners">
        <Banners state={state} connected={connected} now={now} />
      </div>
      <Page route={route} version={`${state.version} ${state.generatedAt}`} now={now} />
    </>
  );
}

function Page({ route, version, now }: { route: Route; version: string; now: number }) {
  switch (route.page) {
    case 'overview':
      return <Overview version={version} now={now} />;
    case 'workloads':
      return <Workloads query={route.query} version={version} />;
    case 'workload':
      return <WorkloadPage key={placeOf(route)} id={route.id} window={route.window} version={version} />;
    case 'data':
      return <DataPage version={version} now={now} />;
    case 'unknown':
      return (
        <EmptyState title="There is no such page" wholePage>
          <p>
            The address may be misspelt. Go to the <Link to={{ page: 'overview' }}>overview</Link>.
          </p>
        </EmptyState>
      );
  }
}

function NavLink({ to, active, title }: { to: Route; active: boolean; title: string }) {
  return (
    <Link to={to} {...(active ? { 'aria-current': 'page' as const } : {})}>
      {title}
    </Link>
  );
}

function Freshness({ state, now }: { state: StateDto; now: number }) {
  if (state.newestSampleAt === null) return null;
  return (
    <span class={`fresh ${state.stale ? 'stale' : ''}`} title="Age of the newest usage sample">
      <span>
        <span class="fresh-word">Data </span>
        {formatAge(now - state.newestSampleAt)} old{state.stale ? ', stale' : ''}
      </span>
    </span>
  );
}

function skipTo(event: MouseEvent, target: HTMLElement | null): void {
  event.preventDefault();
  target?.focus();
}

function titleOf(route: Route): string {
  switch (route.page) {
    case 'overview':
      return 'Overview';
    case 'workloads':
      return 'Workloads';
    case 'workload':
      return `${route.id.namespace}/${route.id.name}`;
    case 'data':
      return 'Data & health';
    case 'unknown':
      return 'No such page';
  }
}
