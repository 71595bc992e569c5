import { spawn } from 'node:child_process';
import { loadConfig } from '../config/config.ts';
import { orExit } from '../config/config-error.ts';
import { cargoRoot, SECANTUS_CRATE } from './find-mongodb.ts';

/** `npm run database:build`: the database server in Rust, several times as fast as the one that pip installs, into the cache directory. */
export async function run(): Promise<number> {
  const root = cargoRoot(orExit(() => loadConfig(process.env)).cacheDir);
  const version = ['--version', SECANTUS_CRATE.version, '--ignore-rust-version'];
  const cargo = spawn('cargo', ['install', SECANTUS_CRATE.name, ...version, '--root', root], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => cargo.kill(signal));
  return new Promise((resolve) => {
    cargo.once('error', () => {
      console.error('cargo could not be run: install Rust (https://rustup.rs) and a C compiler, then try again.');
      resolve(1);
    });
    cargo.once('exit', (code) => {
      if (code === 0) console.log(`Built into ${root}; a new data directory takes it from the next start on.`);
      else
        console.error(
          `cargo could not build ${SECANTUS_CRATE.name} ${SECANTUS_CRATE.version}; its last lines say why.`,
        );
      resolve(code ?? 1);
    });
  });
}
