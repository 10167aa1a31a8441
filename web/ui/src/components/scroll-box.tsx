import type { ComponentChildren } from 'preact';

/** A box that scrolls by itself; it takes the focus, so that the keyboard can scroll it, too. */
export function ScrollBox({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section class="scroll-box" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
