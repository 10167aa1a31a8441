import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Measured {
  readonly stdout: string;
  readonly wallSeconds: number;
  readonly peakRssMib: number;
}

const MAIN = fileURLToPath(new URL('../../dist/operator/cli/main.js', import.meta.url));
/** Tells the peak of resident memory on descriptor 3 when the process ends. */
const REPORT_RSS =
  "data:text/javascript,import{writeSync}from'node:fs';process.on('exit',()=>writeSync(3,String(process.resourceUsage().maxRSS)))";

/** Runs the built `neap` as a process of its own. */
export async function runNeap(args: readonly string[]): Promise<Measured> {
  const start = performance.now();
  const child = spawn(process.execPath, ['--import', REPORT_RSS, MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
  const text = async (stream: NodeJS.ReadableStream | null | undefined): Promise<string> => {
    const parts: Buffer[] = [];
    for await (const part of stream ?? []) parts.push(part as Buffer);
    return Buffer.concat(parts).toString();
  };
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const [stdout, rssKib, code] = await Promise.all([text(child.stdout), text(child.stdio[3] as NodeJS.ReadableStream), ended]);
  if (code !== 0) throw new Error(`neap ${args.join(' ')} ended with ${code}`);
  return { stdout, wallSeconds: (performance.now() - start) / 1000, peakRssMib: Number(rssKib) / 1024 };
}
