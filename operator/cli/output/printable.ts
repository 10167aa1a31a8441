/** Names come from a cluster: control and direction characters must not reach a terminal or move the text of a page. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

/** The same for a text of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** Spaces that keep number and unit together on a page are plain ones in text, so that what is printed can be searched. */
export function plainSpaces(text: string): string {
  return text.replace(/[\u00a0\u202f]/g, ' ');
}

/** At most `width` characters; what does not fit is left out in the middle, since names differ at both ends. */
export function shortenMiddle(text: string, width: number): string {
  if (text.length <= width) return text;
  if (width <= 1) return '…'.slice(0, width);
  const head = Math.ceil((width - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}

/** `namespace/Kind/name` in at most `width` characters: the kind goes first, since the names tell more. */
export function shortenWorkload(key: string, width: number): string {
  if (key.length <= width) return key;
  const [namespace, , name] = key.split('/');
  return shortenMiddle(name === undefined ? key : `${namespace}/…/${name}`, width);
}
