import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf, NeapError } from '../../common/errors.ts';

/** The result could not be delivered: a full disk, not a mistake of the caller. */
export class OutputError extends Error {
  constructor(where: string, cause: unknown) {
    super(`writing ${where}: ${messageOf(cause)}`, { cause });
    this.name = 'OutputError';
  }
}

/**
 * Writes a result, and waits until it is on its way. A reader that has gone (`neap analyze | head`) has seen enough.
 * @throws OutputError
 */
export async function writeResult(stream: NodeJS.WritableStream, text: string): Promise<void> {
  try {
    await written(stream, text);
  } catch (error) {
    if (codeOf(error) !== 'EPIPE') throw new OutputError('the result', error);
  }
}

/** Writes what is said beside the result. Where nobody can read it, it is lost, and the work goes on. */
export async function writeNotice(stream: NodeJS.WritableStream, text: string): Promise<void> {
  await written(stream, text).catch(() => undefined);
}

function written(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** Before long work: throws NeapError `usage` where there is no folder to put the file into. */
export async function checkFolderOf(file: string): Promise<void> {
  const folder = dirname(resolve(file));
  if ((await statsOf(folder))?.isDirectory() !== true) {
    throw new NeapError('usage', `writing ${file}: there is no folder ${folder}`, { remedy: 'make the folder, or write elsewhere' });
  }
}

/**
 * Writes a file as a whole: whoever reads it sees the old text or the new one, never a part. It keeps its mode and
 * owner, and a link to it stays. What is no file (a pipe, a device) is written into.
 * @throws NeapError `usage` where the path can't be written to, OutputError where the disk fails
 */
export async function writeOutFile(file: string, text: string): Promise<void> {
  try {
    const before = await statsOf(file);
    if (before === undefined || before.isFile()) await replaceFile(await targetOf(file), text, before);
    else await writeInto(file, text);
  } catch (error) {
    if (DISK_ERRORS.has(codeOf(error))) throw new OutputError(file, error);
    throw new NeapError('usage', `writing ${file}: ${messageOf(error)}`, { cause: error, remedy: 'check the path and the permissions' });
  }
}

/** No other path or permission would help. */
const DISK_ERRORS: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EPIPE']);

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

function ifMissing(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined;
  throw error;
}

const statsOf = (file: string): Promise<Stats | undefined> => stat(file).catch(ifMissing);

/** Where the links lead to, also when nothing is there yet. */
async function targetOf(file: string): Promise<string> {
  const real = await realpath(file).catch(ifMissing);
  if (real !== undefined) return real;
  const link = await readlink(file).catch(() => undefined);
  return link === undefined ? file : targetOf(resolve(dirname(file), link));
}

async function writeInto(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
}

async function replaceFile(file: string, text: string, before: Stats | undefined): Promise<void> {
  const draft = join(dirname(file), `.${basename(file)}.${randomUUID()}.tmp`);
  try {
    const handle = await open(draft, 'wx', before === undefined ? 0o666 : 0o600);
    try {
      await handle.writeFile(text);
      if (before !== undefined) await lookLike(handle, before);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function lookLike(handle: FileHandle, before: Stats): Promise<void> {
  const own = await handle.stat();
  // Only root may give files away; for others the file becomes theirs, as with every editor.
  if (own.uid !== before.uid || own.gid !== before.gid) await handle.chown(before.uid, before.gid).catch(() => undefined);
  await handle.chmod(before.mode & 0o7777);
}
