import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockDataDir } from '../../embedded/data-dir-lock.ts';
import { startStack } from '../../embedded/stack.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('a stack leaves no data behind, and removes what killed ones have left', async () => {
  const folder = temporaryFolder();
  const [abandoned, used, foreign] = ['portsms-a', 'portsms-b', 'portsms-c'].map((name) => join(folder, name));
  for (const each of [abandoned, used, foreign]) mkdirSync(each ?? '');
  writeFileSync(join(abandoned ?? '', 'running.json'), JSON.stringify({ pid: 4_194_304, start: '1', processes: [] }));
  const lock = await lockDataDir(used ?? '', () => undefined);

  const stack = await startStack({ only: [], in: folder });
  expect(existsSync(stack.dataDir)).toBe(true);
  expect(existsSync(abandoned ?? '')).toBe(false);
  await stack.stop();
  expect(readdirSync(folder).sort()).toEqual(['portsms-b', 'portsms-c']);
  lock.release();
});
