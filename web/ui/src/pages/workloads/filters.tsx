import { useEffect, useRef, useState } from 'preact/hooks';
import type { FacetDto, FacetsDto, Risk } from '../../../../contract/api.ts';
import { formatCount } from '../../../../contract/format.ts';
import {
  defaultDirection,
  MAX_TEXT_LENGTH,
  RISKS,
  SORT_COLUMNS,
  type SortColumn,
  type WorkloadsQuery,
} from '../../../../contract/query.ts';
import { Icon } from '../../components/icon.tsx';
import { RISK_TITLES } from '../../components/risk-badge.tsx';

interface FiltersProps {
  readonly query: WorkloadsQuery;
  readonly facets: FacetsDto | undefined;
  readonly set: (change: Partial<WorkloadsQuery>, replace?: boolean) => void;
}

const SORT_TITLES: Readonly<Record<SortColumn, string>> = {
  workload: 'name',
  kind: 'kind',
  pods: 'pods',
  cpu: 'CPU request',
  memory: 'memory request',
  cost: 'cost',
  waste: 'waste',
  savings: 'potential savings',
  risk: 'risk',
};

/** Search, namespace and kind, and chips that are filters at a click; each chip says how many rows it would leave. */
export function Filters({ query, facets, set }: FiltersProps) {
  const { namespaces, kinds, risks, onlySavings } = query;
  const any = query.text !== '' || namespaces.length + kinds.length + risks.length > 0 || onlySavings;
  return (
    <search class="no-print">
      <div class="toolbar">
        <SearchBox text={query.text} onText={(text) => set({ text }, true)} />
        <AddFilter
          title="Namespace"
          facets={facets?.namespaces ?? []}
          chosen={namespaces}
          add={(value) => set({ namespaces: [...namespaces, value] })}
        />
        <AddFilter title="Kind" facets={facets?.kinds ?? []} chosen={kinds} add={(value) => set({ kinds: [...kinds, value] })} />
        <label class="narrow-only pager">
          <span class="muted">Sort by</span>
          <select
            class="select"
            value={query.sort}
            onChange={(event) => {
              const sort = event.currentTarget.value as SortColumn;
              set({ sort, direction: defaultDirection(sort) });
            }}
          >
            {SORT_COLUMNS.map((column) => (
              <option key={column} value={column}>
                {SORT_TITLES[column]}
              </option>
            ))}
          </select>
        </label>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset can not be a flex line in every browser */}
      <div class="chips" role="group" aria-label="Filters">
        {RISKS.map((risk) => (
          <ToggleChip
            key={risk}
            title={`${RISK_TITLES[risk]} risk`}
            count={facets?.risks.find(({ value }) => value === risk)?.workloads}
            pressed={risks.includes(risk)}
            onClick={() => set({ risks: toggled(risks, risk) })}
            risk={risk}
          />
        ))}
        <ToggleChip
          title="With savings"
          count={facets?.withSavings}
          pressed={onlySavings}
          onClick={() => set({ onlySavings: !onlySavings })}
        />
        {namespaces.length + kinds.length > 0 && <span class="divider" />}
        {namespaces.map((value) => (
          <RemoveChip
            key={`n ${value}`}
            title={`Namespace ${value}`}
            onClick={() => set({ namespaces: namespaces.filter((n) => n !== value) })}
          />
        ))}
        {kinds.map((value) => (
          <RemoveChip key={`k ${value}`} title={`Kind ${value}`} onClick={() => set({ kinds: kinds.filter((k) => k !== value) })} />
        ))}
        {any && (
          <button
            type="button"
            class="button quiet"
            onClick={() => set({ text: '', namespaces: [], kinds: [], risks: [], onlySavings: false })}
          >
            Clear
          </button>
        )}
      </div>
    </search>
  );
}

const TYPING_PAUSE_MS = 150;

function SearchBox({ text, onText }: { text: string; onText: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  // Back, Clear and links change the text from outside.
  useEffect(() => setTyped(text), [text]);
  const onInput = (value: string) => {
    setTyped(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onText(value), TYPING_PAUSE_MS);
  };
  return (
    <div class="search">
      <Icon name="search" />
      <input
        type="search"
        value={typed}
        maxLength={MAX_TEXT_LENGTH}
        placeholder="Search namespace, kind or name"
        aria-label="Search workloads"
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  );
}

interface AddFilterProps {
  readonly title: string;
  readonly facets: readonly FacetDto[];
  readonly chosen: readonly string[];
  readonly add: (value: string) => void;
}

function AddFilter({ title, facets, chosen, add }: AddFilterProps) {
  return (
    <select
      class="select"
      aria-label={`Filter by ${title.toLowerCase()}`}
      value=""
      onChange={(event) => {
        const { value } = event.currentTarget;
        event.currentTarget.value = '';
        if (value !== '') add(value);
      }}
    >
      <option value="">{title}: any</option>
      {facets
        .filter(({ value }) => !chosen.includes(value))
        .map(({ value, workloads }) => (
          <option key={value} value={value}>
            {value} ({formatCount(workloads)})
          </option>
        ))}
    </select>
  );
}

interface ToggleChipProps {
  readonly title: string;
  readonly count: number | undefined;
  readonly pressed: boolean;
  readonly onClick: () => void;
  readonly risk?: Risk;
}

function ToggleChip({ title, count, pressed, onClick, risk }: ToggleChipProps) {
  return (
    <button type="button" class="chip" aria-pressed={pressed} onClick={onClick}>
      {pressed ? <Icon name="check" /> : risk !== undefined && <Icon name={risk} />}
      {title}
      {count !== undefined && <span class="count">{formatCount(count)}</span>}
    </button>
  );
}

function RemoveChip({ title, onClick }: { title: string; onClick: () => void }) {
  return (
    <button type="button" class="chip" aria-pressed="true" aria-label={`${title}: remove`} onClick={onClick}>
      {title}
      <Icon name="close" />
    </button>
  );
}

function toggled(risks: readonly Risk[], risk: Risk): Risk[] {
  return RISKS.filter((r) => (r === risk ? !risks.includes(r) : risks.includes(r)));
}
