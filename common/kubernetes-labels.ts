const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const DNS_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const isLabelName = (text: string): boolean => text.length <= 63 && NAME.test(text);

/** A name of at most 63 characters, with or without the prefix of a DNS name and a slash, as the API server wants it. */
export function isLabelKey(text: string): boolean {
  const slash = text.indexOf('/');
  if (slash < 0) return isLabelName(text);
  const prefix = text.slice(0, slash);
  return prefix.length <= 253 && DNS_NAME.test(prefix) && isLabelName(text.slice(slash + 1));
}

/** Empty, or at most 63 characters. */
export function isLabelValue(text: string): boolean {
  return text === '' || isLabelName(text);
}
