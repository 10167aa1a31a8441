/** The form in which a client wants objects. */
export interface Wanted {
  readonly as: 'objects' | 'table' | 'metadata';
  /** The discovery document with everything in it. */
  readonly aggregatedVersion: string | undefined;
}

/** The first of the accepted forms that the server has; protobuf is not one of them, JSON always is. */
export function negotiate(accept: string | undefined): Wanted {
  for (const part of (accept ?? '').split(',')) {
    const [media = '', ...parameters] = part
      .trim()
      .split(';')
      .map((p) => p.trim());
    if (media !== 'application/json' && media !== '*/*' && media !== 'application/*') continue;
    const given = new Map(parameters.map((p) => p.split('=') as [string, string]));
    const as = given.get('as');
    if (as === undefined) return { as: 'objects', aggregatedVersion: undefined };
    if (as === 'Table' && given.get('v') === 'v1') return { as: 'table', aggregatedVersion: undefined };
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return { as: 'metadata', aggregatedVersion: undefined };
    if (as === 'APIGroupDiscoveryList') return { as: 'objects', aggregatedVersion: given.get('v') };
  }
  return { as: 'objects', aggregatedVersion: undefined };
}
