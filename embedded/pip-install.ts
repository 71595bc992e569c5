import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Way } from './find-server.ts';
import { answers, mustAnswer } from './on-path.ts';
import { projectFile } from './project-file.ts';
import { lastLine, tryProgram } from './try-program.ts';

/** A program that comes as a Python package, with versions and hashes pinned in `embedded/requirements/<requirements>.txt`. */
export interface PinnedPackage {
  readonly requirements: string;
  /** The program that it installs. */
  readonly program: string;
  /** Make it print something and end. */
  readonly trialArgs: readonly string[];
}

const PYTHONS = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];
const LIMIT_MS = 170_000;

/** By pip, into a virtual environment of its own in the cache directory. */
export function byPip<T extends object>(
  pinned: PinnedPackage,
  cacheDir: string,
  tell: (line: string) => void,
  found: (command: string) => T,
): Way<T> {
  return {
    name: `pip install -r embedded/requirements/${pinned.requirements}.txt`,
    have: async () => {
      const program = join(await environmentOf(pinned, cacheDir), 'bin', pinned.program);
      return existsSync(program) && (await answers(program, pinned.trialArgs)) ? found(program) : undefined;
    },
    obtain: async () => found(await pipInstall(pinned, cacheDir, tell)),
  };
}

async function pipInstall(pinned: PinnedPackage, cacheDir: string, tell: (line: string) => void): Promise<string> {
  const python = await findPython();
  const final = await environmentOf(pinned, cacheDir);
  // Built aside and linked when complete: an installation that is interrupted or runs twice at once leaves nothing half done in its place.
  const environment = `${final}.${randomBytes(4).toString('hex')}`;
  await mkdir(dirname(final), { recursive: true });
  await removeAbandoned(final);
  tell(`Installing ${pinned.requirements} into ${cacheDir} …`);
  try {
    await mustRun(python, ['-m', 'venv', environment]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check'];
    const pinnedOnly = ['--require-hashes', '--only-binary', ':all:', '-r', requirementsFile(pinned)];
    await mustRun(join(environment, 'bin', 'python'), [...pip, ...pinnedOnly]);
    await mustAnswer(join(environment, 'bin', pinned.program), pinned.trialArgs);
    await rm(final, { force: true });
    await symlink(environment, final);
  } catch (error) {
    await rm(environment, { recursive: true, force: true });
    // Somebody else was faster, and theirs is as good.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return join(final, 'bin', pinned.program);
}

/** What earlier installations left that were interrupted; only called where none has been completed. */
async function removeAbandoned(final: string): Promise<void> {
  for (const entry of await readdir(dirname(final))) {
    const path = join(dirname(final), entry);
    // One that is younger may still be at work, in another process.
    const abandoned = path.startsWith(`${final}.`) && Date.now() - (await stat(path)).mtimeMs > LIMIT_MS * 3;
    if (abandoned) await rm(path, { recursive: true, force: true });
  }
}

async function environmentOf(pinned: PinnedPackage, cacheDir: string): Promise<string> {
  const hash = createHash('sha256').update(await readFile(requirementsFile(pinned)));
  return join(cacheDir, 'python', `${pinned.requirements}-${hash.digest('hex').slice(0, 12)}`);
}

function requirementsFile(pinned: PinnedPackage): string {
  return projectFile(`embedded/requirements/${pinned.requirements}.txt`);
}

async function findPython(): Promise<string> {
  for (const python of PYTHONS) {
    const trial = await tryProgram(
      python,
      ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'],
      8_000,
    );
    if (trial.code === 0) return python;
  }
  throw new Error('needs Python 3.11 or newer with its venv module, which is not on PATH');
}

async function mustRun(command: string, args: readonly string[]): Promise<void> {
  const { code, output } = await tryProgram(command, args, LIMIT_MS);
  if (code !== 0) throw new Error(lastLine(output) || `${command} was given up after ${LIMIT_MS / 1000} s`);
}
