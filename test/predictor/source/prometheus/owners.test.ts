import { describe, expect, it } from 'vitest';
import type { WorkloadKey } from '../../../../predictor/core/workload.ts';
import { OwnerTable } from '../../../../predictor/source/prometheus/owners.ts';
import { PLAIN_LABELS } from '../../../../predictor/source/prometheus/pod-labels.ts';

const names = [PLAIN_LABELS];

function table(...rows: readonly (Record<string, string> & { readonly at?: string })[]): OwnerTable {
  const owners = new OwnerTable();
  for (const { at, ...labels } of rows) owners.add(new Map(Object.entries({ namespace: 'shop', ...labels })), names, Number(at ?? 100));
  return owners;
}

const ownedBy = (kind: string, name: string) => ({ owner_kind: kind, owner_name: name });

describe('OwnerTable', () => {
  it.each([
    ['Deployment', [{ replicaset: 'web-1', ...ownedBy('Deployment', 'web') }], ownedBy('ReplicaSet', 'web-1'), 'shop/Deployment/web'],
    ['Rollout', [{ replicaset: 'web-1', ...ownedBy('Rollout', 'web') }], ownedBy('ReplicaSet', 'web-1'), 'shop/Rollout/web'],
    ['CronJob', [{ job_name: 'mail-7', ...ownedBy('CronJob', 'mail') }], ownedBy('Job', 'mail-7'), 'shop/CronJob/mail'],
    [
      'DeploymentConfig',
      [{ replicationcontroller: 'a-1', ...ownedBy('DeploymentConfig', 'a') }],
      ownedBy('ReplicationController', 'a-1'),
      'shop/DeploymentConfig/a',
    ],
    ['StatefulSet', [], ownedBy('StatefulSet', 'db'), 'shop/StatefulSet/db'],
    ['DaemonSet', [], ownedBy('DaemonSet', 'log'), 'shop/DaemonSet/log'],
    ['a kind of its own', [], ownedBy('SparkApplication', 'etl'), 'shop/SparkApplication/etl'],
    [
      'a ReplicaSet without owner',
      [{ replicaset: 'lone', ...ownedBy('<none>', '<none>') }],
      ownedBy('ReplicaSet', 'lone'),
      'shop/ReplicaSet/lone',
    ],
    ['a ReplicaSet that nothing tells of', [], ownedBy('ReplicaSet', 'web-5f00c9'), 'shop/ReplicaSet/web-5f00c9'],
    ['a Job by hand', [{ job_name: 'once', ...ownedBy('', '') }], ownedBy('Job', 'once'), 'shop/Job/once'],
    ['nobody', [], ownedBy('<none>', '<none>'), 'shop/Pod/p'],
    ['nobody, in older words', [], ownedBy('', ''), 'shop/Pod/p'],
    ['its node', [], ownedBy('Node', 'node-1'), 'shop/Pod/p'],
  ])('resolves a pod of %s', (_, between, owner, expected) => {
    const owners = table({ pod: 'p', ...owner }, ...between);
    expect(owners.resolve('shop', 'p')).toMatchObject({ key: expected, known: true });
    expect(owners.podsOf(expected as WorkloadKey)).toEqual(['p']);
  });

  it('lets a pod that nothing tells of stand for itself', () => {
    expect(table().resolve('shop', 'p')).toEqual({ ref: { namespace: 'shop', kind: 'Pod', name: 'p' }, key: 'shop/Pod/p', known: false });
  });

  it('never goes by names', () => {
    const owners = table({ pod: 'web-5f00c9-x1', ...ownedBy('StatefulSet', 'other') });
    expect(owners.resolve('shop', 'web-5f00c9-x1').key).toBe('shop/StatefulSet/other');
  });

  it('takes the newest owner, in whichever order rows come', () => {
    const old = { pod: 'p', ...ownedBy('StatefulSet', 'old'), at: '100' };
    const young = { pod: 'p', ...ownedBy('StatefulSet', 'young'), at: '200' };
    for (const rows of [
      [old, young],
      [young, old],
    ])
      expect(table(...rows).resolve('shop', 'p').key).toBe('shop/StatefulSet/young');
  });

  it('learns on after it was asked', () => {
    const owners = table({ pod: 'p', ...ownedBy('ReplicaSet', 'web-1') });
    expect(owners.resolve('shop', 'p').key).toBe('shop/ReplicaSet/web-1');
    owners.add(new Map(Object.entries({ namespace: 'shop', replicaset: 'web-1', ...ownedBy('Deployment', 'web') })), names, 100);
    expect(owners.resolve('shop', 'p').key).toBe('shop/Deployment/web');
  });

  it('prefers the controller among owners of the same time', () => {
    const controller = { pod: 'p', ...ownedBy('A', 'a'), owner_is_controller: 'true' };
    const other = { pod: 'p', ...ownedBy('Z', 'z'), owner_is_controller: 'false' };
    for (const rows of [
      [controller, other],
      [other, controller],
    ])
      expect(table(...rows).resolve('shop', 'p').key).toBe('shop/A/a');
  });

  it('does not take the exporter, whose labels every row may carry, for the pod', () => {
    const owners = table({ replicaset: 'web-1', pod: 'kube-state-metrics-0', ...ownedBy('Deployment', 'web') });
    expect(owners.resolve('shop', 'kube-state-metrics-0').known).toBe(false);
  });

  it("reads the recording rule's rows", () => {
    const owners = table(
      { pod: 'p', workload: 'web', workload_type: 'deployment' },
      { pod: 'q', workload: 'q', workload_type: 'staticpod' },
    );
    expect(owners.resolve('shop', 'p').key).toBe('shop/Deployment/web');
    expect(owners.resolve('shop', 'q').key).toBe('shop/Pod/q');
  });

  it('forgets what was not seen for long, and nothing else', () => {
    const owners = table(
      { pod: 'old', at: '100', ...ownedBy('Job', 'tick-1') },
      { job_name: 'tick-1', at: '100', ...ownedBy('CronJob', 'tick') },
      { pod: 'young', at: '200', ...ownedBy('Job', 'tick-2') },
      { job_name: 'tick-2', at: '200', ...ownedBy('CronJob', 'tick') },
    );
    expect(owners.podsOf('shop/CronJob/tick' as WorkloadKey)).toEqual(['old', 'young']);
    owners.forget(200);
    expect(owners.size).toBe(2);
    expect(owners.podsOf('shop/CronJob/tick' as WorkloadKey)).toEqual(['young']);
    expect(owners.resolve('shop', 'old').known).toBe(false);
  });

  it('keeps namespaces apart', () => {
    const owners = table({ pod: 'p', ...ownedBy('ReplicaSet', 'r') }, { namespace: 'pay', replicaset: 'r', ...ownedBy('Deployment', 'd') });
    expect(owners.resolve('shop', 'p').key).toBe('shop/ReplicaSet/r');
  });
});
