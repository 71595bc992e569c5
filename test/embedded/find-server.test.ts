import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { cargoRoot, findMongodb, storagePath } from '../../embedded/find-mongodb.ts';
import { findServer, type Way } from '../../embedded/find-server.ts';
import { onPath } from '../../embedded/on-path.ts';
import { temporaryFolder } from './temporary-folder.ts';

interface Found {
  readonly by: string;
}
const nothing = async (): Promise<Found | undefined> => undefined;
const broken = (by: string, why: string): Way<Found> => ({
  name: by,
  have: nothing,
  obtain: () => Promise.reject(new Error(why)),
});

test('what is on the machine comes before what would have to be fetched', async () => {
  const obtain = vi.fn(async () => ({ by: 'download' }));
  const ways: Way<Found>[] = [
    { name: 'download', have: nothing, obtain },
    { name: 'pip', have: async () => ({ by: 'pip' }) },
  ];
  expect(await findServer('server', 'ADDRESS', ways)).toEqual({ by: 'pip' });
  expect(obtain).not.toHaveBeenCalled();
});

test('when no way works, one line names them all, with the reasons', async () => {
  const ways = [
    { name: '`server` on PATH', have: nothing },
    broken('download', 'no network'),
    broken('pip', 'no Python'),
  ];
  await expect(findServer('Temporal server', 'TEMPORAL_ADDRESS in the environment', ways)).rejects.toThrow(
    /^No Temporal server\. Any one of these would do: TEMPORAL_ADDRESS in the environment; `server` on PATH \(there is none that runs\); download \(no network\); pip \(no Python\)\.$/,
  );
});

test('a program on PATH is taken only if it runs', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'shim'), '#!/bin/sh\nexit 127\n');
  writeFileSync(join(folder, 'real'), '#!/bin/sh\necho 1.2.3\n');
  for (const name of ['shim', 'real']) chmodSync(join(folder, name), 0o755);
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  const have = (name: string) => onPath(name, ['--version'], (by) => ({ by })).have();
  expect(await have('shim')).toBeUndefined();
  expect(await have('real')).toEqual({ by: 'real' });
});

test('the database that was built is preferred, unless another one wrote the data', async () => {
  const cacheDir = temporaryFolder();
  const built = join(cargoRoot(cacheDir), 'bin', 'secantusd-rs');
  mkdirSync(join(built, '..'), { recursive: true });
  writeFileSync(built, '#!/bin/sh\necho 1.2.3\n', { mode: 0o755 });
  const told: string[] = [];
  const tell = (line: string) => void told.push(line);
  expect(await findMongodb(cacheDir, temporaryFolder(), tell)).toEqual({ kind: 'secantusd-rs', command: built });

  const dataDir = temporaryFolder();
  mkdirSync(storagePath(dataDir, 'secantusd-py'), { recursive: true });
  vi.stubEnv('PATH', '');
  await expect(findMongodb(cacheDir, dataDir, tell)).rejects.toThrow(
    /^No secantusd-py, which wrote the data in .*MONGODB_URI in the environment/,
  );
  expect(told).toEqual([]);
});
