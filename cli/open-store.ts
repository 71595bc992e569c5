import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../config/config.ts';
import { embeddedMongodbUri } from '../embedded/mongodb-server.ts';
import { MasterKeyError } from '../store/master-keys.ts';
import { openStore, type Store } from '../store/store.ts';

/**
 * The store of the product that this environment describes: the one that MONGODB_URI names, else that of a running `npm start`, with the
 * secret that it has made.
 * @throws Error with one line when there is none
 */
export async function openConfiguredStore(env: NodeJS.ProcessEnv): Promise<Store> {
  const config = loadConfig(env);
  const secret = config.secret ?? (await keptSecret(config.dataDir));
  const uri = config.mongodb.uri ?? embeddedMongodbUri(config.mongodb.port);
  try {
    return await openStore({ uri, database: config.mongodb.database, secret, masterKeys: config.masterKeys });
  } catch (error) {
    if (error instanceof MasterKeyError) throw error;
    const where = config.mongodb.uri ? 'MONGODB_URI names' : `«npm start» has on port ${config.mongodb.port}`;
    throw new Error(`The database that ${where} does not answer: start it, or correct the address.`, { cause: error });
  }
}

/**
 * What a command does with that store, which is closed afterwards.
 * @returns the command's exit code; 1, with one line, when it failed
 */
export async function withConfiguredStore(work: (store: Store) => Promise<number>): Promise<number> {
  try {
    const store = await openConfiguredStore(process.env);
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

async function keptSecret(dataDir: string): Promise<string> {
  try {
    return (await readFile(join(dataDir, 'secret'), 'utf8')).trim();
  } catch (cause) {
    throw new Error(
      `PORTSMS_SECRET is not set and none is kept in ${dataDir}: set it to the secret that the product runs with.`,
      { cause },
    );
  }
}
