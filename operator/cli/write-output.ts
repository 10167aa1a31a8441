import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, NeapError } from '../../common/errors.ts';

/** Writes all of it, and waits until it is on its way. */
export function writeTo(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** Whoever reads the file sees the old text or the new one, never a part. Throws NeapError `usage` where it can't be written. */
export async function writeFileAtomically(file: string, text: string): Promise<void> {
  const draft = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  try {
    const handle = await open(draft, 'w', 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw new NeapError('usage', `writing ${file}: ${messageOf(error)}`, { cause: error, remedy: 'check the path and the permissions' });
  }
}
