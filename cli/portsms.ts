import { extname } from 'node:path';

/** What a command's module exports: runs it with what follows the command's name, and gives the exit code. */
export interface CommandModule {
  run(args: string[]): Promise<number>;
  /** How it is called, where that is more than its name and options. */
  readonly usage?: string;
}

interface Command {
  readonly does: string;
  /** Its module, loaded only when it is called. */
  readonly module: string;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  start: { does: 'starts everything, until Ctrl-C', module: '../embedded/start-command' },
  demo: { does: 'ports the numbers of examples/ while texts flow', module: './demo' },
  bench: {
    does: 'measures texts beside a bare workflow; also: porting, held, congestion, routing, ledger',
    module: '../bench/main',
  },
  'database:build': {
    does: 'builds the fast embedded database (minutes, needs Rust)',
    module: '../embedded/database-build',
  },
  timeline: { does: 'verify [PORT]: proves that no step of a timeline was changed or lost', module: './timeline' },
  keys: { does: 'status, rotate: the master key that wraps the keys of people', module: './keys' },
  consents: {
    does: 'verify [NUMBER]: proves that no event of the consent ledger was changed or lost',
    module: './consents',
  },
  archive: { does: 'show PORT: what the engine knew of a port, after it has forgotten it', module: './archive' },
  jurisdictions: {
    does: 'review [DAY]: the rules of places whose source is to be read again by then',
    module: './jurisdictions',
  },
  route: { does: 'explain, show, replay: how the carriers of texts are chosen', module: './route' },
  prices: { does: 'import, show: what carriers charge', module: './prices' },
};

/**
 * Runs one command.
 * @param args as typed after `portsms`.
 * @returns the exit code.
 */
export async function main(args: string[]): Promise<number> {
  const name = args[0] ?? '';
  const command = COMMANDS[name];
  const asksHow = args.some((each) => each === '--help' || each === '-h');
  if (command === undefined) {
    const print = asksHow ? console.log : console.error;
    if (name !== '' && !asksHow) print(`There is no command «${name}».`);
    print(
      ['portsms COMMAND', ...Object.entries(COMMANDS).map(([of, { does }]) => `  ${of.padEnd(15)} ${does}`)].join('\n'),
    );
    return asksHow ? 0 : 2;
  }
  const module = (await import(`${command.module}${extname(import.meta.filename)}`)) as CommandModule;
  if (asksHow) {
    console.log(module.usage ?? `portsms ${name}: ${command.does}`);
    return 0;
  }
  try {
    return await module.run(args.slice(1));
  } catch (error) {
    if (!isMistyped(error)) throw error;
    // Its advice after that is about arguments that begin with a dash.
    console.error(`portsms ${name}: ${error.message.split('. ')[0]}.`);
    return 2;
  }
}

/** What `parseArgs` says of options that a command doesn't have. */
function isMistyped(error: unknown): error is Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('ERR_PARSE_ARGS_');
}
