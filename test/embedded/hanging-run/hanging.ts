import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'vitest';
import { startLeashed } from '../../../embedded/leash.ts';
import { projectFile } from '../../../embedded/project-file.ts';

/** Where it writes the ids of its own process and of those that it has started. */
const file = process.env.HANGING_RUN ?? '';

test('never ends', async () => {
  const leash = startLeashed({ command: 'sleep', args: ['120'], logFile: `${file}.log`, graceSeconds: 1 });
  // As the Temporal SDK starts its servers.
  const server = spawn(projectFile('embedded/sdk-server.sh'), ['120', 'sleep'], { stdio: 'ignore' });
  writeFileSync(file, JSON.stringify([process.pid, await leash.pid, server.pid]));
  await leash.exited;
});
