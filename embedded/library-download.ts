import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Way } from './find-server.ts';
import { mustAnswer } from './on-path.ts';
import { nodeArguments } from './project-file.ts';
import { lastLine, tryProgram } from './try-program.ts';

/** The servers that a library of ours knows how to download. */
export type Downloadable = 'temporal' | 'temporal-test-server' | 'mongod';

const HOSTS: Readonly<Record<Downloadable, string>> = {
  temporal: 'temporal.download',
  'temporal-test-server': 'temporal.download',
  mongod: 'fastdl.mongodb.org',
};

/** Where there is no open internet the name doesn't resolve at once, or nothing answers within this. */
const PROBE_MS = 3_000;
const DOWNLOAD_MS = 100_000;

/** The download that the server's own library knows, kept in the cache directory. */
export function byLibrary<T extends object>(
  server: Downloadable,
  trialArgs: readonly string[],
  cacheDir: string,
  tell: (line: string) => void,
  found: (command: string) => T,
): Way<T> {
  return {
    name: `download from ${HOSTS[server]}`,
    have: async () => {
      const earlier = await readFile(noteOf(server, cacheDir), 'utf8').catch(() => undefined);
      return earlier !== undefined && existsSync(earlier) ? found(earlier) : undefined;
    },
    obtain: async () => {
      await mustReach(HOSTS[server]);
      return found(await download(server, trialArgs, cacheDir, tell));
    },
  };
}

async function download(
  server: Downloadable,
  trialArgs: readonly string[],
  cacheDir: string,
  tell: (line: string) => void,
): Promise<string> {
  const folder = join(cacheDir, 'downloads', server);
  await mkdir(folder, { recursive: true });
  tell(`Downloading ${server} from ${HOSTS[server]} into ${folder} …`);
  const { args } = nodeArguments('embedded/library-download-main');
  // A process of its own, since the libraries' downloads can't be called off.
  const env = { ...process.env, npm_config_strict_ssl: 'true', MONGOMS_MD5_CHECK: 'true' };
  const trial = await tryProgram(process.execPath, [...args, server, folder], DOWNLOAD_MS, env);
  const path = /^path (.+)$/m.exec(trial.output)?.[1];
  if (trial.code !== 0 || path === undefined) throw new Error(`the download failed: ${lastLine(trial.output)}`);
  await mustAnswer(path, trialArgs);
  const note = noteOf(server, cacheDir);
  await writeFile(`${note}.${process.pid}`, path);
  await rename(`${note}.${process.pid}`, note);
  return path;
}

function noteOf(server: Downloadable, cacheDir: string): string {
  return join(cacheDir, 'downloads', `${server}.path`);
}

async function mustReach(host: string): Promise<void> {
  // fetch knows no proxies, the libraries do.
  if (['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'].some((name) => process.env[name])) return;
  try {
    await fetch(`https://${host}/`, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(PROBE_MS) });
  } catch {
    throw new Error(`${host} does not answer from here`);
  }
}
