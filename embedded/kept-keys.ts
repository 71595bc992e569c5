import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What `npm start` makes up when the environment doesn't give it, and keeps in the data directory, readable by the owner only. */
export interface KeptKeys {
  readonly apiKey: string;
  readonly secret: string;
}

/** The keys of a data directory; made on first use. */
export async function keptKeys(dataDir: string): Promise<KeptKeys> {
  const [apiKey, secret] = await Promise.all([kept(dataDir, 'api-key', 24), kept(dataDir, 'secret', 48)]);
  return { apiKey, secret };
}

async function kept(dataDir: string, name: string, bytes: number): Promise<string> {
  const file = join(dataDir, name);
  try {
    await writeFile(file, `${randomBytes(bytes).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return (await readFile(file, 'utf8')).trim();
}
