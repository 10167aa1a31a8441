import { styleText } from 'node:util';

export type Format = Parameters<typeof styleText>[0];
/** Colours the text, or leaves it as it is. */
export type Style = (format: Format, text: string) => string;

/** `color` decides, and not what `styleText` thinks of the process's own stdout: the text may go elsewhere. */
export function styler(color: boolean): Style {
  return (format, text) => (color && text !== '' ? styleText(format, text, { validateStream: false }) : text);
}

/** The text broken at blanks (not before a percent sign) to `width`, its further lines below the beginning of its first. */
export function hanging(lead: string, indent: number, text: string, width: number): string {
  const room = Math.max(30, width - indent);
  const lines: string[] = [''];
  for (const word of text.split(/ (?!%)/)) {
    const last = lines.at(-1) as string;
    if (last !== '' && last.length + 1 + word.length > room) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map((line, i) => (i === 0 ? `${lead}${line}` : `${' '.repeat(indent)}${line}`)).join('\n');
}

/** Pairs as two columns; values may break into several lines. */
export function labelled(
  pairs: readonly (readonly [label: string, text: string])[],
  options: { style: Style; width: number; indent?: number },
): string {
  const { style, width, indent = 0 } = options;
  const labelWidth = Math.max(...pairs.map(([label]) => label.length)) + 2;
  return pairs
    .map(([label, text]) => hanging(' '.repeat(indent) + style('bold', label.padEnd(labelWidth)), indent + labelWidth, text, width))
    .join('\n');
}
