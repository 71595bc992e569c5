import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findServer, type Way } from './find-server.ts';
import { byLibrary } from './library-download.ts';
import { answers, onPath } from './on-path.ts';
import { byPip } from './pip-install.ts';

/** Servers that speak MongoDB's protocol. None reads another one's files. */
export const MONGODB_KINDS = ['mongod', 'secantusd-rs', 'secantusd-py'] as const;
export type MongodbKind = (typeof MONGODB_KINDS)[number];

/** A database server's program, ready to run. */
export interface MongodbProgram {
  readonly kind: MongodbKind;
  readonly command: string;
}

/** The crate that `npm run database:build` installs, and where. */
export const SECANTUS_CRATE = { name: 'secantus-mdb', version: '0.5.3-beta.193' } as const;
export const cargoRoot = (cacheDir: string): string =>
  join(cacheDir, 'cargo', `${SECANTUS_CRATE.name}-${SECANTUS_CRATE.version}`);

const VERSION = ['--version'];
const kind =
  (kind: MongodbKind) =>
  (command: string): MongodbProgram => ({ kind, command });

/**
 * A server that speaks MongoDB's protocol. The one that wrote the data directory comes before all others: another couldn't read the data.
 * @throws ServerNotFoundError
 */
export async function findMongodb(
  cacheDir: string,
  dataDir: string,
  tell: (line: string) => void,
): Promise<MongodbProgram> {
  const written = await kindOfData(dataDir);
  const ways: readonly (Way<MongodbProgram> & { readonly kind: MongodbKind })[] = [
    { kind: 'secantusd-rs', ...builtByCargo(cacheDir) },
    { kind: 'mongod', ...onPath('mongod', VERSION, kind('mongod')) },
    { kind: 'secantusd-rs', ...onPath('secantusd-rs', VERSION, kind('secantusd-rs')) },
    { kind: 'mongod', ...byLibrary('mongod', VERSION, cacheDir, tell, kind('mongod')) },
    { kind: 'secantusd-py', ...byPip(secantusPython, cacheDir, tell, kind('secantusd-py')) },
  ];
  return findServer(
    written === undefined ? 'MongoDB server' : `${written}, which wrote the data in ${storagePath(dataDir, written)}`,
    'MONGODB_URI in the environment',
    written === undefined ? ways : ways.filter((way) => way.kind === written),
  );
}

const secantusPython = { requirements: 'secantusdb', program: 'secantusd-py', trialArgs: ['--help'] } as const;

/** Where a server of that kind keeps its files. */
export function storagePath(dataDir: string, kind: MongodbKind): string {
  return join(dataDir, 'mongodb', kind);
}

async function kindOfData(dataDir: string): Promise<MongodbKind | undefined> {
  const folders = await readdir(join(dataDir, 'mongodb')).catch((): string[] => []);
  return MONGODB_KINDS.find((kind) => folders.includes(kind));
}

function builtByCargo(cacheDir: string): Way<MongodbProgram> {
  const command = join(cargoRoot(cacheDir), 'bin', 'secantusd-rs');
  return {
    name: 'npm run database:build',
    have: async () =>
      existsSync(command) && (await answers(command, VERSION)) ? { kind: 'secantusd-rs', command } : undefined,
  };
}
