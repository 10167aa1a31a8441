import type { ComponentChildren } from 'preact';

/** One figure with its label above and what to think of it below. */
export function Stat({ label, value, unit, children }: { label: string; value: string; unit?: string; children: ComponentChildren }) {
  return (
    <div class="stat">
      <dt class="label">{label}</dt>
      <dd>
        <div class="stat-value">
          {value}
          {unit !== undefined && <small>{unit}</small>}
        </div>
        <div class="stat-note prose">{children}</div>
      </dd>
    </div>
  );
}
