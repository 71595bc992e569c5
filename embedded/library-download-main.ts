// Downloads one server by the library that knows where it lies, and prints `path <its path>`: library-download-main NAME FOLDER
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { MongoBinary } from 'mongodb-memory-server-core/lib/util/MongoBinary.js';

const [name, folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('library-download-main NAME FOLDER');

/** The library downloads only in order to start the server, so it is started once. It keeps the file under a name with its own version. */
async function temporalProgram(start: () => Promise<TestWorkflowEnvironment>, into: string): Promise<string> {
  await (await start()).teardown();
  const file = (await readdir(into)).find((entry) => entry.startsWith('temporal') && !entry.endsWith('.downloading'));
  if (file === undefined) throw new Error(`The library left no program in ${into}.`);
  return join(into, file);
}

const executable = { type: 'cached-download', downloadDir: folder, ttl: '3650 days' } as const;
const programs: Readonly<Record<string, () => Promise<string>>> = {
  temporal: () => temporalProgram(() => TestWorkflowEnvironment.createLocal({ server: { executable } }), folder),
  'temporal-test-server': () =>
    temporalProgram(() => TestWorkflowEnvironment.createTimeSkipping({ server: { executable } }), folder),
  mongod: () => MongoBinary.getPath({ downloadDir: folder }),
};
const program = programs[name ?? ''];
if (program === undefined) throw new Error(`${name} is none of ${Object.keys(programs).join(', ')}`);
console.log(`path ${await program()}`);
process.exit(0);
