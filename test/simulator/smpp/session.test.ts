import { connect } from 'node:net';
import type { PDU } from 'smpp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../simulator/simulator.ts';
import { Control } from '../control.ts';
import { SmppClient } from '../smpp-client.ts';
import { pause, until } from '../until.ts';

let simulator: Simulator;
let control: Control;
const clients: SmppClient[] = [];
const open = async (client: Promise<SmppClient>) => {
  clients.push(await client);
  return client;
};

beforeEach(async () => {
  simulator = await startSimulator();
  control = new Control(simulator);
  await control.call('POST', '/numbers', { phoneNumber: '+12125550100', carrier: 'alpha' });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await simulator.stop();
});

describe('binding', () => {
  it.each([
    [{ system_id: 'portsms', password: 'wrong' }, 0x0e],
    [{ system_id: 'nobody', password: 'alpha-password' }, 0x0f],
    [{ system_id: 'portsms', password: 'alpha-password' }, 0],
  ])('with %j is answered %i', async (credentials, status) => {
    const client = await open(SmppClient.open(simulator, 'alpha'));
    expect((await client.request('bind_transceiver', credentials)).command_status).toBe(status);
  });

  it('is refused when a session is bound already, and beyond the carrier’s limit', async () => {
    await control.call('POST', '/scenario', { carriers: { alpha: { maxSessions: 1 } } });
    const client = await open(SmppClient.bound(simulator, 'alpha'));
    const again = { system_id: 'portsms', password: 'alpha-password' };
    expect((await client.request('bind_receiver', again)).command_status).toBe(0x05);
    await expect(SmppClient.bound(simulator, 'alpha')).rejects.toThrow('13');
  });

  it('decides what a session may do', async () => {
    const unbound = await open(SmppClient.open(simulator, 'alpha'));
    expect((await unbound.submit()).command_status).toBe(0x04);
    const receiver = await open(SmppClient.bound(simulator, 'alpha', 'bind_receiver'));
    expect((await receiver.submit()).command_status).toBe(0x04);
    const transmitter = await open(SmppClient.bound(simulator, 'alpha', 'bind_transmitter'));
    expect((await transmitter.submit()).command_status).toBe(0);
    await receiver.receipt();
    expect(transmitter.delivered).toEqual([]);
  });

  it('ends with unbind, which is answered', async () => {
    const client = await open(SmppClient.bound(simulator, 'alpha'));
    expect((await client.request('unbind')).command).toBe('unbind_resp');
    expect((await client.submit()).command_status).toBe(0x04);
  });
});

describe('a link', () => {
  it('answers enquire_link, and a command that it does not know with generic_nack', async () => {
    const client = await open(SmppClient.bound(simulator, 'alpha'));
    expect((await client.request('enquire_link')).command).toBe('enquire_link_resp');
    const nack = await client.request('data_sm', { message_payload: Buffer.from('x'), data_coding: 0 });
    expect([nack.command, nack.command_status]).toEqual(['generic_nack', 0x03]);
  });

  it('goes on after a PDU that cannot be parsed', async () => {
    const client = await open(SmppClient.bound(simulator, 'alpha'));
    const nack = new Promise<PDU>((resolve) => client.session.once('generic_nack', resolve));
    // An enquire_link with a TLV of two octets that aren't there.
    client.session.socket.write(Buffer.from('0000001400000015000000000000006302040002', 'hex'));
    expect((await nack).sequence_number).toBe(0x63);
    expect((await client.submit()).command_status).toBe(0);
  });

  it('ends when the length of a PDU is impossible', async () => {
    const socket = connect(simulator.addresses.smpp.alpha, '127.0.0.1');
    socket.write(Buffer.from('ffffffff00000015000000000000000100', 'hex'));
    socket.resume();
    await new Promise((resolve) => socket.once('end', resolve));
    socket.destroy();
  });

  it('reads PDUs that come in pieces', async () => {
    const client = await open(SmppClient.bound(simulator, 'alpha'));
    const answered = new Promise((resolve) => client.session.once('enquire_link_resp', resolve));
    for (const octet of Buffer.from('00000010000000150000000000000077', 'hex')) {
      client.session.socket.write(Buffer.from([octet]));
      await pause(1);
    }
    await answered;
  });
});

describe('a carrier that is down', () => {
  it('cuts its sessions, refuses new ones, and comes back', async () => {
    const client = await open(SmppClient.bound(simulator, 'alpha'));
    await control.call('POST', '/carriers/alpha/down', { forMs: 300 });
    await until(() => client.closed);
    await expect(SmppClient.bound(simulator, 'alpha')).rejects.toThrow();
    await open(until(() => SmppClient.bound(simulator, 'alpha').catch(() => undefined)));
    const beta = await open(SmppClient.bound(simulator, 'beta'));
    expect(beta.closed).toBe(false);
  });

  it('goes down once in every period, if the scenario says so', async () => {
    await control.call('POST', '/scenario', { carriers: { alpha: { outages: { everyMs: 400, forMs: 100 } } } });
    const client = await open(SmppClient.bound(simulator, 'alpha').catch(() => SmppClient.open(simulator, 'alpha')));
    await until(() => client.closed);
  });
});
