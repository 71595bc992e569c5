import { parseArgs } from 'node:util';
import { loadConfig } from '../config/config.ts';
import { startStack } from '../embedded/stack.ts';
import type { ConsentEntry } from '../store/consents.ts';
import { openStore, type Store } from '../store/store.ts';
import { useOf } from './process-use.ts';

/** Events that are appended together, as an import does. */
const portion = 5000;
const eventsPerPerson = 3;
/** How many persons' chains one admission reads. */
const bulk = 300;

/** Measures the consent ledger: appending in bulk, proving all of it in flat memory, and reading what an admission reads. */
export async function runLedger(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { events: { type: 'string', default: '1000000' } } });
  const count = Number(values.events);
  if (!Number.isInteger(count) || count < eventsPerPerson * bulk) {
    console.error(`--events takes a whole number of at least ${eventsPerPerson * bulk}.`);
    return 2;
  }
  const servers = await startStack({ only: ['mongodb'], env: { LOG_LEVEL: 'warn' }, tell: console.error });
  try {
    const config = loadConfig({ ...process.env, ...servers.env });
    const { uri = '', database } = config.mongodb;
    const store = await openStore({ uri, database, secret: config.secret ?? 'a secret of at least 32 characters' });
    try {
      await append(store, count);
      await readBulks(store);
      return (await prove(store, servers.processes.mongodb?.pid)) ? 0 : 1;
    } finally {
      await store.close();
    }
  } finally {
    await servers.stop();
  }
}

const subjectOf = (store: Store, person: number) => store.vault.numberKey(`+1${2_000_000_000 + person}`);

async function append(store: Store, count: number): Promise<void> {
  const evidence = store.vault.seal(
    JSON.stringify({ act: 'checkbox', name: 'Ann Example', sourceUrl: 'https://a.example' }),
  );
  const at = new Date();
  const began = performance.now();
  for (let from = 0; from < count; from += portion) {
    const events = Array.from({ length: Math.min(portion, count - from) }, (_, index): ConsentEntry => {
      const serial = from + index;
      const person = Math.floor(serial / eventsPerPerson);
      const revoked = serial % eventsPerPerson === 1;
      return {
        _id: `cns_${serial}`,
        type: revoked ? 'revoked' : 'granted',
        subjectKey: subjectOf(store, person),
        kinds: ['marketing'],
        basis: revoked ? 'opt-out' : 'express',
        source: 'api',
        at,
        evidence,
      };
    });
    await store.consents.appendAll(events);
  }
  report('append in bulk', count, performance.now() - began, 'events');
}

async function readBulks(store: Store): Promise<void> {
  const rounds = 20;
  const keys = Array.from({ length: bulk }, (_, person) => subjectOf(store, person));
  await store.consents.ofSubjects(keys);
  const began = performance.now();
  const cpu = process.cpuUsage();
  for (let round = 0; round < rounds; round++) await store.consents.ofSubjects(keys);
  const { user, system } = process.cpuUsage(cpu);
  report(`read and prove ${bulk} persons at a time`, rounds * bulk, performance.now() - began, 'persons');
  console.log(
    `  CPU ${((user + system) / rounds / bulk).toFixed(0)} µs a person of ${eventsPerPerson} events, in this process`,
  );
}

/** @param database the process of the database @returns whether it is whole */
async function prove(store: Store, database: number | undefined): Promise<boolean> {
  const resident: number[] = [];
  const before = await useOf({ database });
  const cpu = process.cpuUsage();
  const began = performance.now();
  const { subjects, events, faults } = await store.consents.verifyAll(() => {
    resident.push(process.memoryUsage().rss / 2 ** 20);
  });
  report(`prove all of ${subjects} persons`, events, performance.now() - began, 'events');
  const { user, system } = process.cpuUsage(cpu);
  const after = await useOf({ database });
  const seconds = (after?.database ?? 0) - (before?.database ?? 0);
  const there = seconds > 0 ? ` and ${perEvent(seconds)} in the database` : '';
  console.log(`  CPU ${perEvent((user + system) / 1e6)} in this process${there}`);
  const rising = tenths(resident).map((mebibytes) => mebibytes.toFixed(0));
  console.log(`  resident at most ${Math.max(...resident).toFixed(0)} MiB (after each tenth: ${rising.join(' ')})`);
  console.log(`  faults ${faults.length}`);

  function perEvent(seconds: number): string {
    return `${((seconds / events) * 1e6).toFixed(0)} µs an event`;
  }
  return faults.length === 0;
}

/** What was measured after each tenth of the way. */
function tenths(measured: readonly number[]): number[] {
  return Array.from({ length: 10 }, (_, index) => measured[Math.ceil(((index + 1) / 10) * measured.length) - 1] ?? 0);
}

function report(what: string, count: number, ms: number, unit: string): void {
  console.log(
    `${what.padEnd(40)}${count} ${unit} in ${(ms / 1000).toFixed(1)} s: ${((count / ms) * 1000).toFixed(0)}/s`,
  );
}
