const PATHS = {
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3.1 3.1l1 1M11.9 11.9l1 1M3.1 12.9l1-1M11.9 4.1l1-1',
  moon: 'M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3Z',
  screen: 'M2 3h12v8H2zM6 14h4M8 11v3',
  download: 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
  copy: 'M5.5 5.5h8v8h-8zM3 10.5h-.5v-8h8V3',
  check: 'm3 8.5 3.2 3.2L13 4.8',
  close: 'm4 4 8 8M12 4l-8 8',
  warning: 'M8 2 15 14H1L8 2Zm0 4.5v3.5M8 12v.1',
  high: 'M8 2 15 14H1L8 2Zm0 4.5v3.5M8 12v.1',
  medium: 'M8 1.5 14.5 8 8 14.5 1.5 8 8 1.5ZM8 5v3.6M8 10.8v.1',
  low: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Zm-2.8-6 2 2 3.6-4',
  unknown: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM6.2 6.3C6.4 5.2 7.1 4.7 8 4.7c1 0 1.8.6 1.8 1.5 0 1.3-1.8 1.4-1.8 2.9M8 11.2v.1',
  info: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM8 7.2v4M8 4.9V5',
  up: 'm3 10 5-5 5 5',
  down: 'm3 6 5 5 5-5',
  table: 'M2 3h12v10H2zM2 6.5h12M2 10h12M6.5 3v10',
  chart: 'M2 13.5h12M3 10.5l3.2-4 2.6 2.4L13 3.5',
  empty: 'M2 9.5h3.5l1 2h3l1-2H14M2 9.5 4 3h8l2 6.5V13H2V9.5Z',
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration next to a word, or inside a control that has a name: hidden from screen readers. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Logo() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0a5a77" />
      <path d="M5 14c3.7-5 7.3-5 11 0s7.3 5 11 0" fill="none" stroke="#9fd8ea" stroke-width="2.4" stroke-linecap="round" opacity=".65" />
      <path d="M5 19c3.7-2.2 7.3-2.2 11 0s7.3 2.2 11 0" fill="none" stroke="#fff" stroke-width="2.8" stroke-linecap="round" />
    </svg>
  );
}
