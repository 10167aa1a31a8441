import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { describeWithBinaries } from '../system/with-binaries.ts';
import { deployment, pod, widgetDefinition } from './fixtures.ts';
import { conformance } from './target.ts';

const KUBECTL = process.env.KUBECTL ?? 'kubectl';
const GROUP = 'kubectl.example.dev';

const version = spawnSync(KUBECTL, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
const minor = Number.parseInt(/"minor":\s*"(\d+)/.exec(version.stdout ?? '')?.[1] ?? '0', 10);

describeWithBinaries(process.env.KUBECTL === undefined ? ['kubectl'] : [], `kubectl 1.${minor}`, () => {
  conformance('commands', (context) => {
    let folder = '';
    const file = (name: string, object: unknown): string => {
      writeFileSync(join(folder, name), stringify(object));
      return join(folder, name);
    };
    const environment = () => ({
      ...process.env,
      KUBECONFIG: join(folder, 'config'),
      HOME: folder,
      KUBE_EDITOR: 'sed -i s/replicas:.*/replicas:\\ 4/',
    });

    /** What a command prints, errors too. */
    function kubectl(...args: string[]): Promise<{ code: number; out: string }> {
      return new Promise((resolve) => {
        execFile(
          KUBECTL,
          ['--namespace', context().namespace, ...args],
          { env: environment(), timeout: 20_000 },
          (error, stdout, stderr) => {
            resolve({ code: error ? Number(error.code ?? 1) : 0, out: stdout + stderr });
          },
        );
      });
    }

    async function succeeds(...args: string[]): Promise<string> {
      const { code, out } = await kubectl(...args);
      expect(code, `kubectl ${args.join(' ')}\n${out}`).toBe(0);
      return out;
    }

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
      writeFileSync(join(folder, 'config'), context().target.kubeconfig);
      await succeeds('apply', '-f', file('definition.yaml', widgetDefinition(GROUP)));
      await succeeds('wait', '--for=condition=Established', `crd/widgets.${GROUP}`, '--timeout=10s');
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const widget = (size: number) => ({ apiVersion: `${GROUP}/v1`, kind: 'Widget', metadata: { name: 'one' }, spec: { size } });

    it('applies, changes and prints a Deployment', async () => {
      const path = file('web.yaml', deployment('web'));
      expect(await succeeds('apply', '-f', path)).toContain('deployment.apps/web created');
      expect(await succeeds('apply', '-f', path)).toContain('deployment.apps/web unchanged');
      const changed = deployment('web', { replicas: 3 });
      expect(await succeeds('apply', '-f', file('web.yaml', changed))).toContain('deployment.apps/web configured');
      expect(await succeeds('get', 'deploy', 'web')).toMatch(/NAME\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+AGE\nweb\s+0\/3\s+0\s+0\s+\d+s/);
      expect(await succeeds('get', 'deploy', 'web', '-o', 'wide')).toMatch(/web,side\s+web:1,side:1\s+app=web/);
      expect(await succeeds('get', 'deploy', 'web', '-o', 'jsonpath={.spec.replicas}')).toBe('3');
      expect(await succeeds('describe', 'deploy', 'web')).toMatch(/Replicas:\s+3 desired/);
      expect(await succeeds('diff', '-f', path)).toBe('');
    });

    it('applies on the server, with conflicts and without', async () => {
      await succeeds('apply', '--server-side', '--field-manager=alice', '-f', file('served.yaml', deployment('served')));
      const other = file('served2.yaml', deployment('served', { replicas: 9 }));
      const { code, out } = await kubectl('apply', '--server-side', '--field-manager=bob', '-f', other);
      expect(code).toBe(1);
      expect(out).toContain('conflict with "alice"');
      expect(out).toContain('.spec.replicas');
      expect(await succeeds('apply', '--server-side', '--field-manager=bob', '--force-conflicts', '-f', other)).toContain(
        'serverside-applied',
      );
      expect(await succeeds('apply', '--server-side', '--dry-run=server', '--field-manager=bob', '-f', other)).toContain(
        '(server dry run)',
      );
    });

    it('refuses a file with an unknown field', async () => {
      const { code, out } = await kubectl('apply', '-f', file('odd.yaml', deployment('odd', { replicaz: 1 })));
      expect(code).toBe(1);
      expect(out).toContain('replicaz');
    });

    it('scales, labels, annotates, patches, edits and sets', async () => {
      await succeeds('apply', '-f', file('edited.yaml', deployment('edited')));
      await succeeds('scale', 'deploy', 'edited', '--replicas=5');
      await succeeds('label', 'deploy', 'edited', 'team=red');
      await succeeds('annotate', 'deploy', 'edited', 'note=hello');
      await succeeds('patch', 'deploy', 'edited', '--type=json', '-p', '[{"op":"add","path":"/metadata/labels/extra","value":"yes"}]');
      await succeeds('patch', 'deploy', 'edited', '-p', '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"side:2"}]}}}}');
      await succeeds('set', 'resources', 'deploy', 'edited', '-c=web', '--requests=cpu=250m');
      expect(
        await succeeds(
          'get',
          'deploy',
          '-l',
          'team=red,extra',
          '-o',
          'jsonpath={.items[0].spec.replicas} {.items[0].spec.template.spec.containers[*].image}',
        ),
      ).toBe('5 web:1 side:2');
      expect(await succeeds('edit', 'deploy', 'edited')).toContain('edited');
      expect(await succeeds('get', 'deploy', 'edited', '-o', 'jsonpath={.spec.replicas}')).toBe('4');
    });

    it('works with a custom resource as with any other', async () => {
      await succeeds('apply', '-f', file('widget.yaml', widget(3)));
      expect(await succeeds('get', 'wd')).toMatch(/NAME\s+SIZE\s+READY\s+AGE\none\s+3\s+\d+s/);
      expect(await succeeds('get', 'toys')).toContain('one');
      expect(await succeeds('describe', 'widget', 'one')).toMatch(/Spec:\n\s+Max:\s+10/);
      const { out } = await kubectl('patch', 'wd', 'one', '--type=merge', '-p', '{"spec":{"min":20}}');
      expect(out).toContain('min must not exceed max');
      await succeeds('scale', 'widget', 'one', '--replicas=2');
      expect(await succeeds('get', 'widget', 'one', '-o', 'jsonpath={.spec.replicas}')).toBe('2');
    });

    it('explains kinds, built-in and custom', async () => {
      expect(await succeeds('explain', `widgets.spec`, `--api-version=${GROUP}/v1`)).toContain('Length in centimetres.');
      expect(await succeeds('explain', 'deployment.spec.strategy')).toContain('rollingUpdate');
      const recursive = await succeeds('explain', 'pod.spec.containers', '--recursive');
      for (const field of ['resizePolicy', 'resources', 'limits', 'containerPort']) expect(recursive).toContain(field);
    });

    it('waits for a condition, and for a deletion', async () => {
      await succeeds('apply', '-f', file('awaited.yaml', { ...widget(3), metadata: { name: 'awaited' } }));
      const waiting = succeeds('wait', '--for=condition=Ready', 'widget/awaited', '--timeout=15s');
      await context().admin.patch(`/apis/${GROUP}/v1/namespaces/${context().namespace}/widgets/awaited/status`, 'merge', {
        status: { conditions: [{ type: 'Ready', status: 'True' }] },
      });
      expect(await waiting).toContain('condition met');
      const gone = succeeds('wait', '--for=delete', 'widget/awaited', '--timeout=15s');
      await succeeds('delete', 'widget', 'awaited');
      await gone;
    });

    it('follows changes', async () => {
      await succeeds('create', 'configmap', 'followed', '--from-literal=a=1');
      const watching = spawn(
        KUBECTL,
        ['--namespace', context().namespace, 'get', 'configmaps', '--field-selector=metadata.name=followed', '-w', '--no-headers'],
        { env: environment() },
      );
      let out = '';
      watching.stdout.on('data', (chunk: Buffer) => {
        out += chunk.toString('utf8');
      });
      const until = async (lines: number) => {
        for (let i = 0; i < 200 && out.split('\n').length <= lines; i++) await new Promise((resolve) => setTimeout(resolve, 50));
        expect(out.trim().split('\n')).toHaveLength(lines);
      };
      await until(1);
      await succeeds('patch', 'configmap', 'followed', '--type=merge', '-p', '{"data":{"b":"2"}}');
      await until(2);
      watching.kill();
      expect(out).toMatch(/followed\s+1\s.*\nfollowed\s+2\s/);
    });

    it('lists what the server serves', async () => {
      const out = await succeeds('api-resources');
      for (const kind of [
        'Pod',
        'Deployment',
        'HorizontalPodAutoscaler',
        'PodDisruptionBudget',
        'Lease',
        'Widget',
        'SelfSubjectAccessReview',
      ])
        expect(out).toMatch(new RegExp(`${kind}\\s*$`, 'm'));
      expect(await succeeds('api-versions')).toContain(`${GROUP}/v1`);
      expect(await succeeds('get', 'namespaces', '-o', 'name')).toContain('namespace/default');
    });

    it('asks what one may do', async () => {
      expect(await succeeds('auth', 'can-i', 'delete', 'nodes')).toContain('yes');
      const { code, out } = await kubectl('auth', 'can-i', 'delete', 'nodes', '--as=nobody');
      expect(code).toBe(1);
      expect(out).toContain('no');
    });

    it('creates what it makes from flags', async () => {
      await succeeds('create', 'namespace', 'made');
      await succeeds('create', 'secret', 'generic', 'made', '--from-literal=k=v');
      await succeeds('create', 'deployment', 'made', '--image=made:1');
      await succeeds('create', 'job', 'made', '--image=made:1');
      await succeeds('create', 'quota', 'made', '--hard=pods=100');
      await succeeds('create', 'role', 'made', '--verb=get', '--resource=pods');
      await succeeds('create', 'rolebinding', 'made', '--role=made', '--user=somebody');
      expect(await succeeds('get', 'deploy,job,quota,role', '-o', 'name')).toMatch(/deployment.apps\/made[\s\S]*job.batch\/made/);
      // Older ones write these in beta versions, which servers no longer have.
      if (minor < 21) return;
      await succeeds('create', 'cronjob', 'made', '--image=made:1', '--schedule=0 * * * *');
      await succeeds('create', 'poddisruptionbudget', 'made', '--selector=app=made', '--min-available=1');
      await succeeds('autoscale', 'deployment', 'made', '--max=3', '--cpu-percent=70');
      expect(await succeeds('get', 'hpa')).toMatch(/made\s+Deployment\/made\s+(cpu: )?<unknown>\/70%\s+1\s+3\s+0/);
    });

    it('describes a pod with its events', async () => {
      const made = await context().admin.create(`/api/v1/namespaces/${context().namespace}/pods`, pod('told'));
      await context().admin.create(`/api/v1/namespaces/${context().namespace}/events`, {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'told.1' },
        involvedObject: { kind: 'Pod', name: 'told', namespace: context().namespace, uid: made.metadata.uid },
        reason: 'Resized',
        message: 'cpu from 100m to 200m',
        type: 'Normal',
        source: { component: 'neap' },
        firstTimestamp: made.metadata.creationTimestamp,
        lastTimestamp: made.metadata.creationTimestamp,
        count: 1,
      });
      const out = await succeeds('describe', 'pod', 'told');
      expect(out).toContain('cpu from 100m to 200m');
      expect(out).toMatch(/Requests:\n\s+cpu:\s+100m/);
    });

    it('deletes', async () => {
      await succeeds('create', 'configmap', 'doomed');
      expect(await succeeds('delete', 'configmap', 'doomed')).toContain('deleted');
      expect((await kubectl('get', 'configmap', 'doomed')).out).toContain('NotFound');
    });
  });
});
