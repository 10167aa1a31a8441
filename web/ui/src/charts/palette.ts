/** Colours of the design tokens as a canvas needs them; read anew when the theme changes. */
export interface Palette {
  readonly ink: string;
  readonly inkMuted: string;
  readonly line: string;
  readonly surface: string;
  readonly used: string;
  readonly usedSoft: string;
  readonly request: string;
  readonly recommended: string;
  readonly limit: string;
  readonly font: string;
}

export function readPalette(): Palette {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  const read = (token: string) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const palette = {
    ink: read('--ink'),
    inkMuted: read('--ink-muted'),
    line: read('--line'),
    surface: read('--surface'),
    used: read('--used'),
    usedSoft: read('--used-soft'),
    request: read('--request'),
    recommended: read('--recommended'),
    limit: read('--limit'),
    font: getComputedStyle(document.body).fontFamily,
  };
  probe.remove();
  return palette;
}
