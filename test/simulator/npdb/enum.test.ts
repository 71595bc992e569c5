import { promises as dns } from 'node:dns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../simulator/simulator.ts';
import { Control } from '../control.ts';

let simulator: Simulator;
let control: Control;
let resolver: dns.Resolver;

beforeEach(async () => {
  simulator = await startSimulator();
  control = new Control(simulator);
  resolver = new dns.Resolver({ timeout: 150, tries: 1 });
  resolver.setServers([`127.0.0.1:${simulator.addresses.dns}`]);
  await control.call('POST', '/numbers', { phoneNumber: '+12125550100', carrier: 'alpha' });
});
afterEach(() => simulator.stop());

const NAME = '0.0.1.0.5.5.5.2.1.2.1.e164.arpa';

describe('the portability database (RFC 6116, 4769, 4694)', () => {
  it('names the service provider of a number that was never ported', async () => {
    expect(await resolver.resolveNaptr(NAME)).toEqual([
      {
        order: 10,
        preference: 100,
        flags: 'u',
        service: 'E2U+pstn:tel',
        regexp: '!^.*$!tel:+12125550100;npdi;spn=1234!',
        replacement: '',
      },
    ]);
  });

  it('names routing number and provider of one that was, once its copy knows, under any suffix', async () => {
    await control.call('POST', '/scenario', { ports: { databaseLagMs: 60_000 } });
    await control.call('POST', '/numbers/+12125550100/routes', { voice: 'beta' });
    expect((await resolver.resolveNaptr(NAME))[0]?.regexp).toContain('spn=1234');
    await control.call('POST', '/scenario', { ports: { databaseLagMs: 0 } });
    const [record] = await resolver.resolveNaptr(NAME.replace('e164.arpa', 'npdb.example'));
    expect(record?.regexp).toBe('!^.*$!tel:+12125550100;npdi;rn=+12125550100;spn=5678!');
  });

  it('tells what a scenario says of a foreign number', async () => {
    const portability = { ported: true, spid: '7777', lrn: '+447000000001' };
    await control.call('POST', '/scenario', {
      recipients: [{ phoneNumber: '+447700900123', outcome: 'delivered', portability }],
    });
    const [record] = await resolver.resolveNaptr('3.2.1.0.0.9.0.0.7.7.4.4.e164.arpa');
    expect(record?.regexp).toBe('!^.*$!tel:+447700900123;npdi;rn=+447000000001;spn=7777!');
  });

  it.each(['9.9.9.9.5.5.5.2.1.2.1.e164.arpa', 'www.example.com'])('does not know %s', async (name) => {
    await expect(resolver.resolveNaptr(name)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('has no other records', async () => {
    await expect(resolver.resolve4(NAME)).rejects.toMatchObject({ code: 'ENODATA' });
  });

  it('is silent, broken or slow when the scenario says so', async () => {
    await control.call('POST', '/scenario', { portability: { dropRate: 1 } });
    await expect(resolver.resolveNaptr(NAME)).rejects.toMatchObject({ code: 'ETIMEOUT' });
    await control.call('POST', '/scenario', { portability: { dropRate: 0, failRate: 1 } });
    await expect(resolver.resolveNaptr(NAME)).rejects.toMatchObject({ code: 'ESERVFAIL' });
    await control.call('POST', '/scenario', { portability: { failRate: 0, delayMs: [60, 60] } });
    const before = Date.now();
    await resolver.resolveNaptr(NAME);
    expect(Date.now() - before).toBeGreaterThanOrEqual(55);
  });
});
