import { execFile } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFolderOf, OutputError, writeNotice, writeOutFile, writeResult } from '../../../operator/cli/write-output.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'neap-write-output-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const path = (name: string): string => join(folder, name);

describe('a result that goes to a file', () => {
  it('replaces the file as a whole, and leaves nothing else behind', async () => {
    mkdirSync(path('whole'));
    const file = path('whole/report.json');
    await writeOutFile(file, 'first');
    const { ino } = statSync(file);
    await writeOutFile(file, 'second');
    expect(readFileSync(file, 'utf8')).toBe('second');
    expect(statSync(file).ino).not.toBe(ino);
    expect(readdirSync(path('whole'))).toEqual(['report.json']);
  });

  it.each([0o600, 0o640, 0o664])('keeps the mode %o of the file', async (mode) => {
    const file = path('mode');
    writeFileSync(file, 'old');
    chmodSync(file, mode);
    await writeOutFile(file, 'new');
    expect([statSync(file).mode & 0o7777, readFileSync(file, 'utf8')]).toEqual([mode, 'new']);
  });

  it('writes where a link leads to, and the link stays', async () => {
    mkdirSync(path('elsewhere'));
    writeFileSync(path('elsewhere/target'), 'old');
    symlinkSync('elsewhere/target', path('middle'));
    symlinkSync('middle', path('link'));
    await writeOutFile(path('link'), 'new');
    expect(readlinkSync(path('link'))).toBe('middle');
    expect(readFileSync(path('elsewhere/target'), 'utf8')).toBe('new');
    symlinkSync('elsewhere/not-yet', path('dangling'));
    await writeOutFile(path('dangling'), 'made');
    expect(lstatSync(path('dangling')).isSymbolicLink()).toBe(true);
    expect(readFileSync(path('elsewhere/not-yet'), 'utf8')).toBe('made');
  });

  it('writes into a pipe, which stays one', async () => {
    const fifo = path('fifo');
    await promisify(execFile)('mkfifo', [fifo]);
    const read = readFile(fifo, 'utf8');
    await writeOutFile(fifo, 'through the pipe');
    expect(await read).toBe('through the pipe');
    expect(lstatSync(fifo).isFIFO()).toBe(true);
  });

  it('writes into a device, which stays one', async () => {
    await writeOutFile('/dev/null', 'away');
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('is bad usage where the path is wrong, and a failure of its own where the disk is full', async () => {
    await expect(writeOutFile(path('no/such/folder.json'), 'x')).rejects.toMatchObject({ name: 'NeapError', code: 'usage' });
    await expect(writeOutFile(folder, 'x')).rejects.toMatchObject({ name: 'NeapError', code: 'usage' });
    symlinkSync('loop', path('loop'));
    await expect(writeOutFile(path('loop'), 'x')).rejects.toMatchObject({ name: 'NeapError', code: 'usage' });
    await expect(writeOutFile('/dev/full', 'x')).rejects.toThrow(/writing \/dev\/full: .*ENOSPC/);
    await expect(writeOutFile('/dev/full', 'x')).rejects.toBeInstanceOf(OutputError);
  });
});

function failing(code: string, how: 'callback' | 'throw'): Writable {
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      const error = Object.assign(new Error(`write ${code}`), { code });
      if (how === 'throw') throw error;
      done(error);
    },
  });
  return stream.on('error', () => undefined);
}

describe.each(['callback', 'throw'] as const)('a stream that fails by %s', (how) => {
  it('is no failure where the reader has seen enough, and one of its own else', async () => {
    await expect(writeResult(failing('EPIPE', how), 'x')).resolves.toBeUndefined();
    await expect(writeResult(failing('ENOSPC', how), 'x')).rejects.toThrow('writing the result: write ENOSPC');
    await expect(writeResult(failing('ENOSPC', how), 'x')).rejects.toBeInstanceOf(OutputError);
  });

  it('never stops the work where it is for notices only', async () => {
    await expect(writeNotice(failing('EIO', how), 'x')).resolves.toBeUndefined();
  });
});

describe('the folder of --out', () => {
  it('is looked for before the work, not after', async () => {
    await expect(checkFolderOf('/nowhere/at/all/report.html')).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('there is no folder /nowhere/at/all'),
    });
    await expect(checkFolderOf('report.html')).resolves.toBeUndefined();
  });
});
