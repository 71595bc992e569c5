import { existsSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(import.meta.url);

/** Absolute path of a file that lies in the project beside the sources and isn't compiled, whether this runs from dist/ or uncompiled. */
export function projectFile(path: string): string {
  return join(projectRoot(), path);
}

/**
 * How Node runs one of the project's own programs in the form that this one runs in: compiled from dist/, or the source itself through tsx.
 * @param program its path without extension, for example `worker/main`.
 */
export function nodeArguments(program: string): { readonly file: string; readonly args: readonly string[] } {
  const file = `${resolve(dirname(here), '..', program)}${extname(here)}`;
  const loader = extname(here) === '.ts' ? ['--import', import.meta.resolve('tsx')] : [];
  return { file, args: ['--enable-source-maps', ...loader, file] };
}

function projectRoot(): string {
  for (let folder = dirname(here); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new Error(`No package.json above ${here}: run Port SMS from its own folder.`);
  }
}
