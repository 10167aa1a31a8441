import { z } from 'zod';

export const DOCTOR_SCHEMA = 'neap.dev/doctor/v1';

/** What `neap doctor -o json` prints. Every field is always there; null is unknown. */
export const doctorDocument = z.strictObject({
  schema: z.literal(DOCTOR_SCHEMA),
  source: z.string(),
  server: z.string(),
  newestSampleUnixSeconds: z.number().nullable(),
  clockSkewSeconds: z.number().nullable().describe('Clock of the server less ours.'),
  checks: z.array(
    z.strictObject({
      id: z.string().describe('Stable: usage.cpu, owners.pod, requests, …'),
      title: z.string(),
      status: z.enum(['ok', 'degraded', 'missing']).describe('missing stops recommendations, degraded makes them poorer.'),
      found: z.string(),
      remedy: z.string().describe("'' where all is well."),
    }),
  ),
});

export type DoctorDocument = z.infer<typeof doctorDocument>;
