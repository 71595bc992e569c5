import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { BSON, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Examples, readExamples } from '../../cli/demo/examples.ts';
import { type Outcome, play } from '../../cli/demo/play.ts';
import { siteIn } from '../../cli/demo/site.ts';
import type { Stack } from '../../embedded/stack.ts';
import { startCompiledDemoStack } from './compiled-stack.ts';

const seed = 7;
/** From the first kill to the second: the worker is back and in the middle of what had waited. */
const betweenKillsMs = 12_000;

let stack: Stack;
let examples: Examples;
/** Matches what must stand nowhere: each number, the mark in every text, subscribers and their account numbers. */
let personal: RegExp;

beforeAll(async () => {
  examples = await readExamples('');
  const numbers = [...examples.numbers, ...examples.consents].map(({ phoneNumber }) => phoneNumber);
  const parties = [...examples.outbound, ...examples.inbound].flatMap(({ from, to }) => [from, to]);
  const names = examples.ports.flatMap(({ entityName, authorizedBy, accountNumber }) => [
    entityName,
    authorizedBy,
    accountNumber,
  ]);
  const digits = [...numbers, ...parties].map((phoneNumber) => phoneNumber.slice(1));
  // As bytes, like what is searched.
  const needles = [...digits, ...names].map((each) => Buffer.from(each).toString('latin1'));
  personal = new RegExp([...new Set(needles), 'NORTH-\\d{3}'].join('|'));
  stack = await startCompiledDemoStack({ seed, tell: (line) => console.error(line) });
}, 240_000);
afterAll(() => stack?.stop());

/** Plays the demo and kills the worker in the uncertain time, and once more when it has come back. */
async function playWithKills(): Promise<{ outcome: Outcome; killed: Set<number> }> {
  const killed = new Set<number>();
  let lastKill = 0;
  const outcome = await play(examples, siteIn(stack), {
    name: '',
    seed,
    show: ({ ports }) => {
      const uncertain = ports.some(({ counts }) => counts.uncertain > 0);
      const due = killed.size === 0 ? uncertain : killed.size === 1 && Date.now() - lastKill >= betweenKillsMs;
      const { worker } = stack.processes;
      if (!due || worker?.pid === undefined) return;
      killed.add(worker.pid);
      lastKill = Date.now();
      worker.kill('SIGKILL');
    },
  });
  return { outcome, killed };
}

/** Where personal data stand in these, with what is around them. */
function findings(texts: Iterable<readonly [string, string]>): string[] {
  return [...texts].flatMap(([where, text]) => {
    const found = personal.exec(text);
    return found ? [`${where}: …${text.slice(Math.max(0, found.index - 80), found.index + 60)}…`] : [];
  });
}

/** Every file of the data directory, byte for byte; not those of the simulator, which is the outside world. */
function* filesOfStack(): Generator<readonly [string, string]> {
  for (const file of readdirSync(stack.dataDir, { recursive: true, encoding: 'utf8', withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    if (file.isFile() && !path.includes(`${sep}simulator${sep}`)) yield [path, readFileSync(path, 'latin1')];
  }
}

/** An object as text, its bytes among it: payloads of the engine are bytes. */
function asText(value: object): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, shown) {
    const raw = this[key];
    return raw instanceof Uint8Array ? Buffer.from(raw).toString('latin1') : shown;
  });
}

test('the demo, with its worker killed twice in the middle, loses and doubles nothing (invariants 1, 4, 5), and leaves no personal data outside the store (invariant 9)', {
  timeout: 300_000,
  // What is lost once is lost.
  retry: 0,
}, async () => {
  const { outcome, killed } = await playWithKills();
  expect(killed.size).toBe(2);
  const { account, lost, doubled } = outcome;
  expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  expect(account.ports.map(({ status }) => status)).toEqual(Array(6).fill('completed'));
  expect(account.accepted).toBe(examples.outbound.length);
  expect(account.delivered + account.failed + account.refused + account.expired).toBe(account.accepted);
  expect(account.inbound).toBeGreaterThanOrEqual(examples.inbound.length);
  expect(outcome.good).toBe(true);

  // Who asks for it is erased, and the ledger of their consents stays whole.
  const recipient = encodeURIComponent(examples.outbound[0]?.to ?? '');
  expect(await call('DELETE', `/v1/subjects/${recipient}`)).toMatchObject({ keyDestroyed: true });
  const { content } = await call('GET', `/v1/consents/evidence?phoneNumber=${recipient}`);
  expect(content.ledger).toMatchObject({ whole: true });
  expect(content.texts.length).toBeGreaterThan(0);
  for (const { message } of content.texts) expect(message).toMatchObject({ erased: true });

  // What is looked for is there to be found: the outside world has it.
  const ledger = readFileSync(join(stack.dataDir, 'simulator', 'ledger.jsonl'), 'latin1');
  expect(findings([['ledger', ledger]])).toHaveLength(1);

  const metrics = await (await fetch(`http://127.0.0.1:${stack.env.PORT}/metrics`)).text();
  expect(findings([['metrics', metrics]])).toEqual([]);
  expect(await inTheEngine()).toEqual([]);
  expect(await inTheDatabase()).toEqual([]);
  expect(findings(filesOfStack())).toEqual([]);
});

// biome-ignore lint/suspicious/noExplicitAny: looked at field by field
async function call(method: string, path: string): Promise<any> {
  const headers = { authorization: `Bearer ${stack.env.PORTSMS_API_KEY}` };
  const response = await fetch(`http://127.0.0.1:${stack.env.PORT}${path}`, { method, headers });
  return response.json();
}

/** Histories of all workflows, with what lists of them show. */
async function inTheEngine(): Promise<string[]> {
  const connection = await Connection.connect({ address: stack.env.TEMPORAL_ADDRESS });
  try {
    const client = new Client({ connection });
    const found: string[] = [];
    let workflows = 0;
    let readable = 0;
    for await (const { raw, workflowId, runId } of client.workflow.list()) {
      workflows += 1;
      const history = asText(await client.workflow.getHandle(workflowId, runId).fetchHistory());
      // The ids of texts stand in payloads: so what is searched is what the payloads say.
      if (history.includes('msg_')) readable += 1;
      found.push(
        ...findings([
          [`listing of ${workflowId}`, asText(raw)],
          [`history of ${workflowId}`, history],
        ]),
      );
    }
    expect(workflows).toBeGreaterThan(50);
    expect(readable).toBeGreaterThan(20);
    return found;
  } finally {
    await connection.close();
  }
}

/** Every document as it is stored. */
async function inTheDatabase(): Promise<string[]> {
  const mongo = await MongoClient.connect(stack.env.MONGODB_URI ?? '');
  try {
    const found: string[] = [];
    let documents = 0;
    for (const collection of await mongo.db('portsms').collections()) {
      for await (const document of collection.find()) {
        documents += 1;
        found.push(
          ...findings([[collection.collectionName, Buffer.from(BSON.serialize(document)).toString('latin1')]]),
        );
      }
    }
    expect(documents).toBeGreaterThan(examples.outbound.length);
    return found;
  } finally {
    await mongo.close();
  }
}
