import { setTheme, THEMES, type Theme, useTheme } from '../state/theme.ts';
import { Icon, type IconName } from './icon.tsx';

const TITLES: Readonly<Record<Theme, { title: string; icon: IconName }>> = {
  light: { title: 'Light theme', icon: 'sun' },
  system: { title: 'Theme of the system', icon: 'screen' },
  dark: { title: 'Dark theme', icon: 'moon' },
};

export function ThemeSwitch() {
  const { theme } = useTheme();
  return (
    <fieldset class="segmented theme-switch" aria-label="Theme">
      {THEMES.map((choice) => (
        <button
          key={choice}
          type="button"
          aria-pressed={choice === theme}
          aria-label={TITLES[choice].title}
          title={TITLES[choice].title}
          onClick={() => setTheme(choice)}
        >
          <Icon name={TITLES[choice].icon} />
        </button>
      ))}
    </fieldset>
  );
}
