import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { freePorts } from '../../embedded/free-ports.ts';
import { compiled } from '../compiled.ts';
import { mongodbUri } from '../mongodb-uri.ts';
import { apiKey, numbers, secret, text } from './serving.ts';

const program = compiled('api/main.ts');
const database = `api_main_${process.pid}_${Date.now()}`;
const carriers = `carriers:
  - {id: alpha, adapter: smpp, host: 127.0.0.1, port: 1, systemId: x, password: "env:ALPHA_PASSWORD", senders: [ACME]}
`;

let folder: string;
let connection: Connection;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portsms-api-'));
  await writeFile(join(folder, 'carriers.yaml'), carriers);
  connection = await Connection.connect({ address: inject('temporalAddress') });
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await connection.close();
  const mongo = await MongoClient.connect(mongodbUri());
  await mongo.db(database).dropDatabase();
  await mongo.close();
  await rm(folder, { recursive: true });
});

/** The process as `npm start` runs it. */
async function run(change: Record<string, string> = {}) {
  const [port] = await freePorts(1);
  const child = spawn(process.execPath, ['--enable-source-maps', program], {
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      MONGODB_URI: mongodbUri(),
      MONGODB_DATABASE: database,
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      PORTSMS_SECRET: secret,
      PORTSMS_API_KEY: apiKey,
      PORTSMS_CARRIERS: join(folder, 'carriers.yaml'),
      PORTSMS_DATA_DIR: folder,
      ALPHA_PASSWORD: 'pw',
      ...change,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  let output = '';
  child.stdout?.on('data', (data) => {
    output += data;
  });
  child.stderr?.on('data', (data) => {
    output += data;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = `http://127.0.0.1:${port}`;
  const call = (method: string, path: string, body?: object) =>
    fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  const statusOf = (path: string) =>
    call('GET', path).then(
      ({ status }) => status,
      () => 0,
    );
  return { child, ended, call, statusOf, output: () => output };
}

describe('the process', () => {
  it('is ready when database and engine answer, and ends within 5 s of SIGTERM, whoever still holds a connection', async () => {
    const api = await run();
    await expect.poll(() => api.statusOf('/readyz'), { timeout: 20_000 }).toBe(200);
    // fetch keeps this connection open.
    expect(await api.statusOf('/healthz')).toBe(200);
    const began = Date.now();
    api.child.kill('SIGTERM');
    expect(await api.ended).toBe(0);
    expect(Date.now() - began).toBeLessThan(5000);
  });

  it('ends when the process that started it is gone', async () => {
    const api = await run();
    await expect.poll(() => api.statusOf('/readyz'), { timeout: 20_000 }).toBe(200);
    api.child.disconnect();
    expect(await api.ended).toBe(0);
  });

  it('says in one line what is missing, and ends with an error', async () => {
    const api = await run({ PORTSMS_SECRET: '' });
    expect(await api.ended).toBe(1);
    expect(api.output().trim().split('\n')).toHaveLength(1);
    expect(api.output()).toContain('PORTSMS_SECRET');
  });

  it.each([
    ['a secret of a carrier', { ALPHA_PASSWORD: '' }, 'ALPHA_PASSWORD'],
    ['the carriers file', { PORTSMS_CARRIERS: '/nowhere.yaml' }, 'nowhere.yaml'],
  ])('the same when %s is missing', async (_what, change, named) => {
    const api = await run(change);
    expect(await api.ended).toBe(1);
    expect(api.output()).toContain(named);
    expect(api.output().trim().split('\n')).toHaveLength(1);
  });
});

describe('a text that was accepted while the engine was away', () => {
  it('survives SIGKILL of the process: the next one starts its workflow (invariant 3)', async () => {
    const first = await run({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    await expect.poll(() => first.statusOf('/healthz'), { timeout: 20_000 }).toBe(200);
    expect(await first.statusOf('/readyz')).toBe(503);
    await first.call('PUT', `/v1/numbers/${numbers.own}`, { carrier: 'alpha' });
    const accepted = await first.call('POST', '/v1/messages', text);
    expect(accepted.status).toBe(202);
    const { id } = (await accepted.json()) as { id: string };
    first.child.kill('SIGKILL');
    await first.ended;

    const second = await run();
    const client = new Client({ connection });
    const started = () =>
      client.workflow
        .getHandle(`messages/${id}/swept`)
        .describe()
        .then(
          ({ status }) => status.name,
          () => '',
        );
    await expect.poll(started, { timeout: 40_000, interval: 500 }).toBe('RUNNING');
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    // No worker is there to end it.
    await client.workflow.getHandle(`messages/${id}/swept`).terminate();
  });
});
