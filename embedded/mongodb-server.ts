import { mkdirSync } from 'node:fs';
import { MongoClient, MongoServerError } from 'mongodb';
import { type MongodbProgram, storagePath } from './find-mongodb.ts';
import type { ServiceSpec } from './service.ts';
import { untilDone } from './until.ts';

/** What a killed process had open in a transaction keeps its texts waiting until the database gives it up: by default for 60 s. */
const transactionLifetime = ['--setParameter', 'transactionLifetimeLimitSeconds=10'];

/**
 * An oplog is for change streams, which nobody here reads, and for recovery to a moment. What is committed is in the synced journal, which alone
 * brings it back after a crash; an oplog doubles what an update costs (docs/benchmarks.md).
 */
const withoutOplog = { SECANTUS_DISABLE_OPLOG: '1' };

/** The embedded database: one server that is a replica set of one, since transactions need one; every commit is synced to disk. */
export function mongodbService(program: MongodbProgram, port: number, dataDir: string, logFile: string): ServiceSpec {
  const storage = storagePath(dataDir, program.kind);
  mkdirSync(storage, { recursive: true, mode: 0o700 });
  return {
    name: 'mongodb',
    program: {
      command: program.command,
      args: argsOf(program, port, storage),
      ...(program.kind === 'secantusd-rs' && { env: { ...process.env, ...withoutOplog } }),
      cwd: dataDir,
      logFile,
      graceSeconds: 5,
    },
    ready: (signal) => untilDone(() => mustBeWritable(embeddedMongodbUri(port)), signal),
    readyWithinSeconds: 60,
  };
}

/** Where the embedded server answers. Direct, since the name that it has in its own set need not be reachable. */
export function embeddedMongodbUri(port: number): string {
  return `mongodb://127.0.0.1:${port}/?directConnection=true`;
}

function argsOf({ kind }: MongodbProgram, port: number, storage: string): string[] {
  const listen = ['--port', String(port)];
  // mongod syncs its journal for every write that asks for it, as all of ours do.
  if (kind === 'mongod') {
    const replicaSet = ['--bind_ip', '127.0.0.1', '--dbpath', storage, '--replSet', 'portsms', '--quiet'];
    return [...listen, ...replicaSet, ...transactionLifetime];
  }
  const durable = ['--storage-path', storage, '--sync-on-commit', '--cache-size', '1G'];
  return [...listen, '--host', '127.0.0.1', ...durable, '--log-level', 'WARNING'];
}

async function mustBeWritable(uri: string): Promise<void> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 1_000, connectTimeoutMS: 1_000 });
  try {
    const admin = client.db('admin');
    const hello = await admin.command({ hello: 1 });
    if (hello.isWritablePrimary === true) return;
    if (hello.setName === undefined) await initiate(client);
    throw new Error('MongoDB is not yet writable.');
  } finally {
    await client.close();
  }
}

async function initiate(client: MongoClient): Promise<void> {
  try {
    await client.db('admin').command({ replSetInitiate: {} });
  } catch (error) {
    const done = error instanceof MongoServerError && error.codeName === 'AlreadyInitialized';
    if (!done) throw error;
  }
}
