import type { Matcher } from './promql.ts';

/** One way in which rows say whose they are; a server may hold rows of several. */
export interface PodLabels {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Picks the rows of this form alone; empty where there is no other. */
  readonly only: readonly Matcher[];
}

export const PLAIN_LABELS: PodLabels = { namespace: 'namespace', pod: 'pod', container: 'container', only: [] };

/**
 * The forms that a set of label names allows: `exported_…` where an exporter is scraped without `honor_labels`, today's
 * names, and `pod_name` and `container_name` from before Kubernetes 1.16. Names do not tell which of them go together in
 * a row, so that every form is read, each without the rows of those before it: none is dropped, none counts twice.
 */
export function podLabelForms(names: ReadonlySet<string>): readonly PodLabels[] {
  const forms: PodLabels[] = [];
  const exported = ['exported_namespace', 'exported_pod', 'exported_container'].find((name) => names.has(name));
  const orPlain = (name: string): string => (names.has(`exported_${name}`) ? `exported_${name}` : name);
  if (exported !== undefined) {
    forms.push({ namespace: orPlain('namespace'), pod: orPlain('pod'), container: orPlain('container'), only: [[exported, '!=', '']] });
  }
  const notExported: readonly Matcher[] = exported === undefined ? [] : [[exported, '=', '']];
  const old = names.has('pod_name') || names.has('container_name');
  if (!old || names.has('pod')) forms.push({ ...PLAIN_LABELS, only: [...notExported, ...(old ? [['pod', '!=', ''] as const] : [])] });
  if (old) {
    forms.push({
      namespace: 'namespace',
      pod: names.has('pod_name') ? 'pod_name' : 'pod',
      container: names.has('container_name') ? 'container_name' : 'container',
      only: [...notExported, ...(names.has('pod') ? [['pod', '=', ''] as const] : [])],
    });
  }
  return forms;
}

/** The same expression over the rows of every form; each row keeps the label names of its own. */
export function everyForm(forms: readonly PodLabels[], expressionOf: (form: PodLabels) => string): string {
  const expressions = forms.map(expressionOf);
  return expressions.length === 1 ? (expressions[0] as string) : `(${expressions.join(' or ')})`;
}

/** Whose a row is; '' for a label that it does not carry. */
export function podOfRow(
  row: ReadonlyMap<string, string>,
  forms: readonly PodLabels[],
): { readonly namespace: string; readonly pod: string; readonly container: string } {
  const form = forms.find(({ namespace, pod }) => row.get(namespace) && row.get(pod)) ?? forms.find(({ namespace }) => row.get(namespace));
  const { namespace, pod, container } = form ?? PLAIN_LABELS;
  return { namespace: row.get(namespace) ?? '', pod: row.get(pod) ?? '', container: row.get(container) ?? '' };
}
