import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Simulator } from '../../simulator/simulator.ts';
import { compiled } from '../compiled.ts';
import { Control } from './control.ts';
import { SmppClient } from './smpp-client.ts';
import { telnyxClient } from './telnyx-client.ts';
import { until } from './until.ts';

const program = compiled('simulator/main.ts');
let dataDir: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'simulator-main-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly output: () => string;
}

function run(environment: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, ['--enable-source-maps', program], {
    env: {
      ...process.env,
      SIMULATOR_PORT: '0',
      SIMULATOR_SMPP_PORTS: 'alpha=0,beta=0,gamma=0',
      SIMULATOR_DNS_PORT: '0',
      SIMULATOR_DATA_DIR: dataDir,
      ...environment,
    },
    // It ends with its parent, as it does when a test run is killed.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  return { child, exited, output: () => output };
}

/** Waits until it is ready, and learns its addresses as a newcomer does: from its first line and its carriers file. */
async function site({ output }: Running): Promise<Simulator & { control: Control }> {
  const url = await until(() => /^ready (http:\S+)$/m.exec(output())?.[1], 9000);
  const control = new Control({ url });
  const file = parse(await control.call<string>('GET', '/carriers.yaml'));
  const smpp = Object.fromEntries(
    file.carriers.slice(0, 3).map(({ id, port }: { id: string; port: number }) => [id, port]),
  );
  const { baseUrl, apiKey, webhookPublicKey } = file.carriers[3];
  return { url, control, addresses: { smpp }, telnyx: { baseUrl, apiKey, webhookPublicKey } } as never;
}

describe('the process', () => {
  it('says that it is ready, is healthy, describes itself and ends on SIGTERM', async () => {
    const running = run({ SIMULATOR_SEED: '42' });
    const { control } = await site(running);
    expect(await control.call('GET', '/healthz')).toEqual({ status: 'ok' });
    expect(await control.call('GET', '/scenario')).toMatchObject({
      seed: 42,
      carriers: { alpha: { throttleRate: 0.02 } },
    });
    await control.call('POST', '/scenario', { ports: { cancelCutOffMs: 7_200_000 } });
    const { carriers } = parse(await control.call<string>('GET', '/carriers.yaml'));
    expect(carriers[3]).toMatchObject({ activationHours: 'always', supplementCutOffHours: 0, cancelCutOffHours: 2 });
    running.child.kill('SIGTERM');
    expect(await running.exited).toBe(0);
  }, 20_000);

  it('tells its parent, and ends with it', async () => {
    const running = run();
    const message = await new Promise((resolve) => running.child.once('message', resolve));
    expect(message).toBe('ready');
    running.child.disconnect();
    expect(await running.exited).toBe(0);
  }, 20_000);

  it('ends with one clear line when a port is taken or a setting is wrong', async () => {
    const taken = await new Promise<Server>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
    });
    const { port } = taken.address() as { port: number };
    const busy = run({ SIMULATOR_SMPP_PORTS: `alpha=${port},beta=0,gamma=0` });
    const wrong = run({ SIMULATOR_SMPP_PORTS: 'delta=1' });
    expect(await Promise.all([busy.exited, wrong.exited])).toEqual([1, 1]);
    expect(busy.output().trim()).toMatch(new RegExp(`^the simulator cannot start: .*EADDRINUSE.*${port}$`));
    expect(wrong.output().trim()).toMatch(/^the simulator cannot start: .*delta=1.*$/);
    taken.close();
  }, 20_000);

  it('goes on after SIGKILL: orders, texts on their way, receipts, inbound texts, numbers, keys', async () => {
    const killed = run({ SIMULATOR_SCENARIO: 'quiet' });
    const before = await site(killed);
    const { control } = before;
    await control.call('POST', '/numbers', [
      { phoneNumber: '+12125550100', carrier: 'alpha' },
      { phoneNumber: '+12125550101', carrier: 'alpha' },
      { phoneNumber: '+13125550100', carrier: 'telnyx' },
    ]);
    await control.call('POST', '/scenario', { carriers: { all: { deliveryMs: [60_000, 60_000] } } });
    const { data } = await telnyxClient(before).portingOrders.create({ phone_numbers: ['+12125550101'] });
    const sent = await telnyxClient(before).messages.send({
      from: '+13125550100',
      to: '+447700900123',
      text: 'On its way',
    });
    const first = await SmppClient.bound(before, 'alpha', 'bind_transmitter');
    const { message_id } = await first.submit({ text: 'On its way too', fields: { user_message_reference: 3 } });
    await control.call('POST', '/texts', { from: '+447700900123', to: '+12125550100', text: 'Inbound' });
    killed.child.kill('SIGKILL');
    await killed.exited;

    const again = run();
    const after = await site(again);
    expect(after.telnyx).toEqual({ ...before.telnyx, baseUrl: after.telnyx.baseUrl });
    await after.control.call('POST', '/scenario', { carriers: { all: { deliveryMs: [10, 10] } } });
    const { data: order } = await telnyxClient(after).portingOrders.retrieve(data?.[0]?.id ?? '');
    expect(order?.status?.value).toBe('draft');
    const second = await SmppClient.bound(after, 'alpha');
    await until(() => second.delivered.length === 1);
    expect(second.receipts()).toEqual([]);
    // What was on its way keeps the delivery time that it was given when it was taken up again.
    again.child.kill('SIGKILL');
    await again.exited;

    const last = await site(run());
    const third = await SmppClient.bound(last, 'alpha');
    expect(await third.receipt()).toContain(`id:${message_id}`);
    expect(third.delivered.find((pdu) => pdu.esm_class === 4)?.user_message_reference).toBe(3);
    const found = await until(async () => {
      const { data: message } = await telnyxClient(last).messages.retrieve(sent.data?.id ?? '');
      return Array.isArray(message?.to) && message.to[0]?.status === 'delivered' && message;
    });
    expect(found).toMatchObject({ text: 'On its way' });
    const { outbound, inbound } = await last.control.summary();
    expect(outbound).toMatchObject({ texts: 2, delivered: 2, doubled: 0 });
    expect(inbound).toMatchObject({ sent: 1, delivered: 1 });
    for (const client of [first, second, third]) await client.close();
  }, 40_000);
});
