// What `npm start`, `npm test`, `npm run demo` … run: makes a fresh clone ready (dependencies, compiled sources), then runs the command.
// Plain JavaScript without dependencies, since neither is there at first.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Whoever started this, npm as a rule. */
const starter = process.ppid;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

/** Ends this process with one line. */
function fail(line) {
  console.error(line);
  process.exit(1);
}

/** Runs a program in the project's folder with our own terminal, and gives its exit code. Signals are passed on, and end us after it. */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
    let signalled = false;
    const pass = (signal) => {
      signalled = true;
      child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, pass);
    child.once('error', (error) => fail(`${command} could not be run: ${error.message}`));
    child.once('exit', (code, signal) => {
      for (const each of signals) process.off(each, pass);
      if (signalled) process.exit(code || 130);
      resolve(code ?? (signal ? 130 : 1));
    });
  });
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [needMajor, needMinor] = read('package.json').engines.node.match(/\d+/g).map(Number);
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  fail(
    `Port SMS needs Node ${needMajor}.${needMinor} or newer, and this is ${process.versions.node}: install a newer one.`,
  );
}

/** True when node_modules holds what package-lock.json says, by npm's own record of what it has installed. */
function isInstalled() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false;
  const installed = read('node_modules/.package-lock.json').packages;
  // Optional ones are those for other platforms.
  return Object.entries(read('package-lock.json').packages).every(
    ([path, wanted]) => path === '' || wanted.optional || installed[path]?.version === wanted.version,
  );
}

async function install() {
  if (isInstalled()) return;
  console.error('Installing dependencies (npm ci) …');
  const code = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (code !== 0) fail('npm ci failed, its last lines say why: mend that and try again.');
}

/** Path, size and time of every file that is compiled. */
function* sources(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!/^(node_modules|dist|test|\..*)$/.test(entry.name)) yield* sources(path);
    } else if (/\.(ts|json)$/.test(entry.name)) {
      const { size, mtimeMs } = statSync(join(root, path));
      yield `${path} ${size} ${mtimeMs}\n`;
    }
  }
}

async function compile() {
  const stamp = join(root, 'dist/.compiled');
  const hash = createHash('sha256');
  for (const source of sources('.')) hash.update(source);
  const state = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return;
  console.error('Compiling …');
  for (const step of [
    ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'],
    ['dist/worker/build-bundle.js'],
  ]) {
    const code = await run(process.execPath, step);
    if (code !== 0) fail('The sources do not compile; the lines above say why.');
  }
  writeFileSync(stamp, state);
}

const [command, ...args] = process.argv.slice(2);
checkNode();
await install();
if (command === 'install') process.exit(0);
await compile();
if (command === 'compile') process.exit(0);
if (command === 'test') {
  process.exit(await run(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...args]));
}
// Killed outright meanwhile, npm could pass nothing on; from here on the commands look after that.
if (process.env.npm_lifecycle_event !== undefined && process.ppid !== starter) process.exit(130);
process.setSourceMapsEnabled(true);
await import(pathToFileURL(join(root, 'dist/cli/main.js')).href);
