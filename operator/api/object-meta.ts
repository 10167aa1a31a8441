import { z } from 'zod';

export const API_VERSION = 'neap.dev/v1alpha1';

/** A Kubernetes object's name (RFC 1123 subdomain). */
const objectName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'is not an object name: lower case letters, digits, "-" and "."');

/** What Neap reads of the metadata; all else that Kubernetes keeps there is let through. */
export const objectMeta = z.looseObject({
  name: objectName.describe('Name of the object.'),
  namespace: objectName.optional().describe('Namespace that the object lives in.'),
});
