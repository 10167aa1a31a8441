import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analysisDocument } from '../../../operator/api/analysis-document.ts';
import { doctorDocument } from '../../../operator/api/doctor-document.ts';
import { emptyPrometheus, fakeServer, neap, startNeap } from './neap-process.ts';

const GENERATED = ['--generated', '7', '--history', '2d', '--step', '30m'];
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'neap-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileWith = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

describe('neap', () => {
  it('prints its version and its help, with examples', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await neap(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
    const help = await neap(['analyze', '--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('$ neap analyze --prometheus http://localhost:9090');
  });

  it('ends with 2 on bad usage, and writes nothing to stdout', async () => {
    expect(await neap(['analise'])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Did you mean analyze?') });
    expect(await neap(['analyze'])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('no source is given') });
  });
});

describe('neap analyze', () => {
  it('prints the result on stdout only, and is quiet when asked to', async () => {
    const { code, stdout, stderr } = await neap(['analyze', ...GENERATED, '-o', 'json', '-q']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const document = analysisDocument.parse(JSON.parse(stdout));
    expect(document.workloads.length).toBeGreaterThan(10);
    const savings = document.workloads.map((w) => w.savingsPerMonth);
    expect(savings).toEqual([...savings].sort((a, b) => b - a));
  });

  it('prints a table without colours into a pipe, progress on stderr, and the next command', async () => {
    const { code, stdout, stderr } = await neap(['analyze', ...GENERATED, '--top', '3']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^WORKLOAD +CONTAINER/);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toMatch(/\nNext: neap explain \S+\/\S+\/\S+ --generated 7 --history 2d --step 30m\n$/);
    expect(stderr).not.toBe('');
  });

  it('narrows to namespaces and kinds', async () => {
    const { stdout } = await neap(['analyze', ...GENERATED, '-q', '-o', 'json', '-n', 'sho*', '-k', 'deployment']);
    const { workloads } = analysisDocument.parse(JSON.parse(stdout));
    expect(new Set(workloads.map((w) => `${w.namespace}/${w.kind}`))).toEqual(new Set(['shop/Deployment']));
  });

  it('counts money at the prices of the price book and sizes by the policy', async () => {
    const prices = fileWith(
      'prices.yaml',
      'apiVersion: neap.dev/v1alpha1\nkind: PriceBook\nmetadata: {name: mine}\nspec: {currency: EUR, cpuCoreHour: 1, memoryGibHour: 0}\n',
    );
    const policy = fileWith(
      'policy.yaml',
      'apiVersion: neap.dev/v1alpha1\nkind: ClusterRecommendationPolicy\nmetadata: {name: roomy}\nspec: {cpu: {min: 500m}, selector: {namespaces: [shop]}}\n',
    );
    const { stdout } = await neap(['analyze', ...GENERATED, '-q', '-o', 'json', '--price-book', prices, '--policy', policy]);
    const document = analysisDocument.parse(JSON.parse(stdout));
    expect(document).toMatchObject({ prices: { currency: 'EUR', origin: 'price book mine' }, policy: { name: 'roomy', origin: policy } });
    expect(new Set(document.workloads.map((w) => w.namespace))).toEqual(new Set(['shop']));
    const requests = document.workloads.flatMap((w) =>
      w.containers.flatMap((c) => (c.cpu.recommendation.ok ? [c.cpu.recommendation.value.request] : [])),
    );
    expect(requests.length).toBeGreaterThan(0);
    expect(Math.min(...requests)).toBeGreaterThanOrEqual(500);
    expect(document.workloads.every((w) => w.containers.every((c) => c.memory.costNowPerMonth === 0))).toBe(true);
  });

  it('applies a policy to no workload that it is not for', async () => {
    const own = fileWith(
      'own.yaml',
      'apiVersion: neap.dev/v1alpha1\nkind: RecommendationPolicy\nmetadata: {name: own, namespace: shop}\nspec: {selector: {kinds: [Deployment]}}\n',
    );
    const refused = await neap(['analyze', ...GENERATED, '-q', '--policy', own, '-n', 'payments,shop', '-k', 'Job']);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('policy own is not for namespace payments, but shop; not for kind Job, but Deployment');
    const patterns = await neap(['analyze', ...GENERATED, '-q', '--policy', own, '-n', 'sho*']);
    expect(patterns).toMatchObject({ code: 2, stderr: expect.stringContaining('not for namespace sho*, but shop') });
    expect(await neap(['explain', 'payments/Deployment/card-vault', ...GENERATED, '-q', '--policy', own])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('policy own is not for namespace payments, but shop'),
    });
    expect(await neap(['explain', 'shop/Deployment/cart', ...GENERATED, '-q', '--policy', own])).toMatchObject({ code: 0 });
  });

  it('narrows the workloads of a policy further, its labels included', async () => {
    const labels = fileWith(
      'labels.yaml',
      'apiVersion: neap.dev/v1alpha1\nkind: ClusterRecommendationPolicy\nmetadata: {name: web}\nspec: {selector: {namespaces: ["sh*"], matchLabels: {tier: data}}}\n',
    );
    const { stdout } = await neap(['analyze', ...GENERATED, '-q', '-o', 'json', '--policy', labels, '-n', 'shop', '-l', 'app!=product-db']);
    const { workloads } = analysisDocument.parse(JSON.parse(stdout));
    expect(workloads.map((w) => `${w.namespace}/${w.name}`)).toEqual(['shop/session-cache']);
    expect(await neap(['explain', 'shop/Deployment/cart', ...GENERATED, '-q', '--policy', labels])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('policy web is not for shop/Deployment/cart: its pods lack tier=data'),
    });
    expect(await neap(['explain', 'shop/statefulset/session-cache', ...GENERATED, '-q', '--policy', labels])).toMatchObject({ code: 0 });
  });

  it('reports every mistake of a policy file and of a price book, with place and remedy: exit 2', async () => {
    const policy = fileWith(
      'bad-policy.yaml',
      'apiVersion: neap.dev/v1alpha1\nkind: RecommendationPolicy\nmetadata: {name: p}\nspec:\n  cpu: {min: 2, max: 1, limmit: {}}\n  memory: {marginPercent: -1}\n  history: {window: 2 weeks}\n  minChangePercent: "5"\n',
    );
    const { code, stdout, stderr } = await neap(['analyze', ...GENERATED, '--policy', policy]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('5 problems in');
    for (const line of [
      '5:22: spec.cpu.max',
      '5:25: spec.cpu.limmit',
      '6:27: spec.memory.marginPercent',
      '7:21: spec.history.window',
      '8:21: spec.minChangePercent',
    ])
      expect(stderr).toContain(`${policy}:${line}`);

    const prices = fileWith(
      'bad-prices.yaml',
      'apiVersion: neap.dev/v1alpha1\nkind: PriceBook\nmetadata: {name: p}\nspec: {currency: EUR, cpuCoreHour: -1, memoryGibHour: 1}\n',
    );
    const second = await neap(['analyze', ...GENERATED, '--price-book', prices]);
    expect(second).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('spec.cpuCoreHour = -1 is below 0: write 0 or more'),
    });
  });

  it('ends with 1 where a rule of --fail-on is hit, after the whole result', async () => {
    const { code, stdout, stderr } = await neap(['analyze', ...GENERATED, '-q', '-o', 'json', '--fail-on', 'savings=0,stale']);
    expect(code).toBe(1);
    expect(stderr).toContain('savings=0: potential savings are');
    analysisDocument.parse(JSON.parse(stdout));
    expect(await neap(['analyze', ...GENERATED, '-q', '-o', 'csv', '--fail-on', 'savings=100'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('writes a file as a whole, in the format of its ending', async () => {
    const out = join(folder, 'out');
    const { code, stdout } = await neap(['analyze', ...GENERATED, '-q', '--out', join(folder, 'report.html')]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(await neap(['analyze', ...GENERATED, '-q', '--out', join(out, 'no', 'folder.json')])).toMatchObject({ code: 2, stdout: '' });
  });

  it('does not mind a reader that has seen enough', async () => {
    expect(await shell('NEAP analyze --generated -q -o json | head -n 1')).toEqual({ code: 0, stdout: '{\n', stderr: '' });
    const failing = await shell('NEAP analyze --generated -q -o json --fail-on savings=0 | head -c 2');
    expect(failing).toMatchObject({ code: 1, stdout: '{\n', stderr: expect.stringContaining('--fail-on savings=0') });
  });

  it('ends with 74 where the result can not be written, and says so in one line', async () => {
    const analyze = `NEAP analyze ${GENERATED.join(' ')} -q -o json --fail-on savings=0`;
    for (const command of [`${analyze} > /dev/full`, 'NEAP analyze --help > /dev/full', `${analyze} --out /dev/full`]) {
      const { code, stderr } = await shell(command);
      expect(code).toBe(74);
      expect(stderr).toMatch(/^neap: writing [^\n]*ENOSPC[^\n]*\n$/);
    }
  });

  it('goes on where nobody hears what it says beside the result', async () => {
    const analyze = `NEAP analyze ${GENERATED.join(' ')} -o csv --fail-on savings=0 --log-level info`;
    for (const stderr of ['2>&-', '2>/dev/full', '2> >(exec true)']) {
      const { code, stdout } = await shell(`${analyze} ${stderr}`);
      expect({ code, lines: stdout.split('\n').length > 10 }).toEqual({ code: 1, lines: true });
    }
  });
});

/** A line of bash in which NEAP stands for the command; the code is the one of the first part of a pipe that failed. */
async function shell(line: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = `set -o pipefail; ${line.replaceAll('NEAP', `"${process.execPath}" --import tsx operator/cli/main.ts`)}`;
  const run = promisify(execFile)('bash', ['-c', command], { maxBuffer: 2 ** 26 });
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );
}

describe('neap explain', () => {
  it('finds the workload whatever the case of its kind, and prints the way of its numbers', async () => {
    const { code, stdout } = await neap(['explain', 'shop/deployment/cart', ...GENERATED, '-q']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^shop\/Deployment\/cart\n/);
    expect(stdout).toMatch(/1\. history/);
    expect(stdout).toMatch(/requests\.cpu: /);
  });

  it('suggests near names for an unknown workload, and says which containers there are: exit 4', async () => {
    const unknown = await neap(['explain', 'shop/Deployment/crat', ...GENERATED, '-q']);
    expect(unknown).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('Did you mean shop/Deployment/cart') });
    const container = await neap(['explain', 'shop/Deployment/cart/nope', ...GENERATED, '-q']);
    expect(container).toMatchObject({ code: 4, stdout: '', stderr: expect.stringMatching(/has no container nope\n.*It has /) });
  });

  it('prints the same document as analyze for one workload alone', async () => {
    const { stdout } = await neap(['explain', 'shop/Deployment/cart', ...GENERATED, '-q', '-o', 'json']);
    const document = analysisDocument.parse(JSON.parse(stdout));
    expect(document.workloads.map((w) => w.name)).toEqual(['cart']);
    expect(document.totals.workloads).toBe(1);
  });
});

describe('a source that is not what it should be', () => {
  it('nobody listens: exit 3, with the address and a remedy', async () => {
    const server = await fakeServer((_request, response) => response.end());
    await server.close();
    const { code, stdout, stderr } = await neap(['analyze', '--prometheus', server.url, '-q']);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(server.url);
    expect(stderr).toContain('→');
  });

  it('HTML instead of JSON: exit 3, from doctor too', async () => {
    const server = await fakeServer((_request, response) => response.setHeader('content-type', 'text/html').end('<html>login</html>'));
    try {
      expect(await neap(['analyze', '--prometheus', server.url, '-q'])).toMatchObject({ code: 3, stdout: '' });
      expect(await neap(['doctor', '--prometheus', server.url, '-q'])).toMatchObject({ code: 3, stdout: '' });
    } finally {
      await server.close();
    }
  });

  it('an empty Prometheus: exit 4; doctor tells what is missing', async () => {
    const server = await fakeServer(emptyPrometheus);
    try {
      expect(await neap(['analyze', '--prometheus', server.url, '-q'])).toMatchObject({
        code: 4,
        stdout: '',
        stderr: expect.stringContaining('→'),
      });
      const doctor = await neap(['doctor', '-o', 'json'], { NEAP_PROMETHEUS_URL: server.url });
      expect(doctor.code).toBe(4);
      const report = doctorDocument.parse(JSON.parse(doctor.stdout));
      expect(report.checks.filter(({ status }) => status === 'missing').every(({ remedy }) => remedy !== '')).toBe(true);
    } finally {
      await server.close();
    }
  });

  it('can not steer the terminal by what it answers', async () => {
    const hostile = '\u001b]0;owned\u0007\u001b[2J\u202e';
    const server = await fakeServer((_request, response) =>
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end(JSON.stringify({ status: 'error', errorType: 'bad_data', error: hostile })),
    );
    try {
      for (const command of ['analyze', 'doctor']) {
        const { code, stderr } = await neap([command, '--prometheus', server.url]);
        expect(code).toBe(3);
        expect(stderr).toContain('\ufffd');
        expect(stderr.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }
    } finally {
      await server.close();
    }
  });

  it('gets the credentials and headers that were given, and none of them is printed', async () => {
    const server = await fakeServer((_request, response) => response.writeHead(403).end('no'));
    try {
      const token = fileWith('token', 's3cret\n');
      const { code, stderr } = await neap([
        'doctor',
        '--prometheus',
        server.url,
        '--bearer-token-file',
        token,
        '--header',
        'X-Scope-OrgID: team-a',
      ]);
      expect(code).toBe(3);
      expect(stderr).not.toContain('s3cret');
      expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer s3cret', 'x-scope-orgid': 'team-a' });
      await neap(['doctor', '--prometheus', server.url, '--username', 'u'], { NEAP_PASSWORD: 'p' });
      expect(server.requests.at(-1)?.headers.authorization).toBe(`Basic ${Buffer.from('u:p').toString('base64')}`);
    } finally {
      await server.close();
    }
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends the wait for a hanging server: exit 130, and nothing on stdout', async (signal) => {
    let reached: () => void = () => undefined;
    const isReached = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const server = await fakeServer(() => reached());
    try {
      const running = startNeap(['analyze', '--prometheus', server.url]);
      await isReached;
      running.process.kill(signal);
      const { code, stdout, stderr } = await running.finished;
      expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
      expect(stderr).not.toContain('bug');
    } finally {
      await server.close();
    }
  });
});
