import { statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { loadConfig } from '../config/config.ts';
import { findTemporal, findTestServer } from '../embedded/find-temporal.ts';
import { startStack } from '../embedded/stack.ts';
import { bundleWorkflows } from '../worker/bundle.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Replica sets of one, shared out among the processes that run tests (mongodb-uri.ts). */
    mongodbUris: readonly string[];
    /** host:port of a Temporal server with the product's search attributes, in real time. No test runs a worker at it: one would take another's tasks. */
    temporalAddress: string;
    /** For `TestWorkflowEnvironment.createLocal({server: sdkServer(path)})`. */
    temporalPath: string;
    /** For `TestWorkflowEnvironment.createTimeSkipping({server: sdkServer(path)})`. */
    testServerPath: string;
    /** For `Worker.create({workflowBundle: {codePath}})`. */
    workflowBundlePath: string;
  }
}

/** Starts what the system tests share, once; what they need of it they get by `inject`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { cacheDir } = loadConfig(process.env);
  const tell = (line: string) => console.error(line);
  const folder = await folderInMemory();
  const place = folder === undefined ? {} : { in: folder };
  const [stack, another, temporal, testServerPath, workflows] = await Promise.all([
    startStack({ only: ['mongodb', 'temporal'], ...place, tell }),
    startStack({ only: ['mongodb'], ...place, tell }),
    findTemporal(cacheDir, tell),
    findTestServer(cacheDir, tell),
    bundleWorkflows(),
  ]);
  const bundlePath = join(stack.dataDir, 'workflow-bundle.js');
  await writeFile(bundlePath, workflows);
  // The embedded database works on one core: two of them keep three test files busy.
  project.provide(
    'mongodbUris',
    [stack, another].map(({ env }) => env.MONGODB_URI ?? ''),
  );
  project.provide('temporalAddress', stack.env.TEMPORAL_ADDRESS ?? '');
  project.provide('temporalPath', temporal.command);
  project.provide('testServerPath', testServerPath);
  project.provide('workflowBundlePath', bundlePath);
  return async () => void (await Promise.all([stack.stop(), another.stop()]));
}

/**
 * Where files are kept in memory, on Linux. What the system tests find out does not depend on the disk, but most of their time is waiting for
 * it: a server syncs each commit. Those of the whole stack, which kill servers, use the disk.
 */
async function folderInMemory(): Promise<string | undefined> {
  const folder = '/dev/shm';
  const needed = 4 * 1024 ** 3;
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize >= needed ? folder : undefined;
  } catch {
    return undefined;
  }
}
