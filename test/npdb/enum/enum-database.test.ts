import { createSocket, type RemoteInfo } from 'node:dgram';
import dnsPacket, { type Answer } from 'dns-packet';
import { afterEach, describe, expect, it } from 'vitest';
import { enumConfig } from '../../../npdb/enum/enum-adapter.ts';
import { EnumDatabase } from '../../../npdb/enum/enum-database.ts';
import { PortabilityUnavailable } from '../../../npdb/portability-database.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

type Zone = (name: string) => { rcode?: number; answers?: Answer[] } | 'silence';

/** A DNS server of the test's own. */
async function serve(zone: Zone): Promise<string> {
  const socket = createSocket('udp4');
  socket.on('message', (message, client: RemoteInfo) => {
    const query = dnsPacket.decode(message);
    const reply = zone(query.questions?.[0]?.name ?? '');
    if (reply === 'silence') return;
    const { rcode = 0, answers = [] } = reply;
    const flags = dnsPacket.RECURSION_DESIRED | dnsPacket.RECURSION_AVAILABLE | rcode;
    const packet = dnsPacket.encode({ type: 'response', id: query.id, flags, questions: query.questions, answers });
    socket.send(packet, client.port, client.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  open.push(() => new Promise((resolve) => socket.close(() => resolve())));
  return `127.0.0.1:${socket.address().port}`;
}

const database = (servers: string[], timeoutMs = 500) =>
  new EnumDatabase(enumConfig.parse({ adapter: 'enum', servers, suffix: 'npdb.example', timeoutMs }));

const answer = (name: string, regexp: string): Answer => ({
  type: 'NAPTR',
  name,
  ttl: 60,
  data: { order: 10, preference: 10, flags: 'u', services: 'E2U+pstn:tel', regexp, replacement: '' },
});

const nameError = 3;
const serverFailure = 2;

describe('EnumDatabase', () => {
  it('dips a number over DNS', async () => {
    const asked: string[] = [];
    const server = await serve((name) => {
      asked.push(name);
      return { answers: [answer(name, '!^.*$!tel:+12025550199;npdi;rn=+12025550100;spn=1234!')] };
    });
    expect(await database([server]).lookUp('+12025550199')).toEqual({
      ported: true,
      lrn: '+12025550100',
      spid: '1234',
      source: 'enum',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    expect(asked).toEqual(['9.9.1.0.5.5.5.2.0.2.1.npdb.example']);
  });

  it.each([
    ['the name is not there', { rcode: nameError }],
    ['the name has no such records', {}],
  ])('does not know a number when %s', async (_, reply) => {
    const server = await serve(() => reply);
    expect(await database([server]).lookUp('+12025550199')).toBeUndefined();
  });

  it('does not know a number whose records say nothing about portability', async () => {
    const server = await serve((name) => ({ answers: [answer(name, '!^.*$!sip:a@b!')] }));
    expect(await database([server]).lookUp('+12025550199')).toBeUndefined();
  });

  it('gives up at its deadline, and says which database, but not which number (invariant 9)', async () => {
    const server = await serve(() => 'silence');
    const before = performance.now();
    const looking = database([server], 150).lookUp('+12025550199');
    await expect(looking).rejects.toBeInstanceOf(PortabilityUnavailable);
    expect(performance.now() - before).toBeLessThan(400);
    await expect(looking).rejects.toThrow(`The portability database at ${server} did not answer within 150 ms.`);
  });

  it('does not end other look-ups when one is late', async () => {
    const late = '9.9.1.0.5.5.5.2.0.2.1.npdb.example';
    const server = await serve((name) =>
      name === late ? 'silence' : { answers: [answer(name, '!^.*$!tel:+1;npdi!')] },
    );
    const enumDatabase = database([server], 300);
    const looking = enumDatabase.lookUp('+12025550199').catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 280));
    const other = enumDatabase.lookUp('+12025550198');
    expect(await looking).toBeInstanceOf(PortabilityUnavailable);
    expect(await other).toMatchObject({ ported: false });
  });

  it('is unavailable when the server fails', async () => {
    const server = await serve(() => ({ rcode: serverFailure }));
    await expect(database([server]).lookUp('+12025550199')).rejects.toBeInstanceOf(PortabilityUnavailable);
  });

  it('asks the second server when the first is silent', async () => {
    const silent = await serve(() => 'silence');
    const server = await serve((name) => ({ answers: [answer(name, '!^.*$!tel:+1;npdi;spn=1!')] }));
    expect(await database([silent, server], 2_000).lookUp('+12025550199')).toMatchObject({ spid: '1' });
  });
});
