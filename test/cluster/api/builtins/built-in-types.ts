import type { ResourceType } from '../resource-type.ts';
import { autoscalingTypes } from './autoscaling.ts';
import { batchTypes } from './batch.ts';
import { coreTypes } from './core.ts';
import { policyTypes } from './policies.ts';
import { workloadTypes } from './workloads.ts';

/** Every kind that is there without a CRD, but for the CRDs themselves. */
export const builtInTypes: readonly ResourceType[] = [...coreTypes, ...workloadTypes, ...batchTypes, ...autoscalingTypes, ...policyTypes];
