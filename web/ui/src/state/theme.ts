import { useEffect, useState } from 'preact/hooks';

export const THEMES = ['light', 'system', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** The key that the script in index.html reads before the first paint. */
const STORAGE_KEY = 'neap.theme';

const listeners = new Set<() => void>();
const systemDark = matchMedia('(prefers-color-scheme: dark)');
systemDark.addEventListener('change', tell);

export function currentTheme(): Theme {
  const stored = document.documentElement.dataset.theme;
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export function setTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === 'system') localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, theme);
  } catch {
    // Storage may be forbidden: the choice then lasts until the page is left.
  }
  tell();
}

/** The chosen theme and what it looks like now; what is drawn on a canvas is drawn anew when `dark` changes. */
export function useTheme(): { theme: Theme; dark: boolean } {
  const [state, setState] = useState(read);
  useEffect(() => {
    const update = () => setState(read());
    listeners.add(update);
    return () => {
      listeners.delete(update);
    };
  }, []);
  return state;
}

function read(): { theme: Theme; dark: boolean } {
  const theme = currentTheme();
  return { theme, dark: theme === 'system' ? systemDark.matches : theme === 'dark' };
}

function tell(): void {
  for (const listener of listeners) listener();
}
