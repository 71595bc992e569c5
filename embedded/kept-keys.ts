import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A key that `npm start` makes up when the environment doesn't give one: made on first use and kept in the data directory, readable by
 * the owner only.
 */
export async function keptKey(dataDir: string, name: 'api-key' | 'secret'): Promise<string> {
  const file = join(dataDir, name);
  try {
    await writeFile(file, `${randomBytes(36).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return (await readFile(file, 'utf8')).trim();
}
