import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readImport } from '../../api/import-reading.ts';
import { Problem } from '../../api/problem.ts';
import { importAnswer, importLine } from '../../api/schemas/port-import.ts';
import { projectFile } from '../../embedded/project-file.ts';
import { apiKey, numbers, type Serving, serve } from './serving.ts';

let api: Serving;
beforeEach(async () => {
  api = await serve();
});
afterEach(() => api.stop());

const heading = 'phoneNumber,losingCarrier,gainingCarrier,authorizedBy,accountNumber,street,city,postalCode,country';
const line = (phoneNumber: string, change: { account?: string; gaining?: string } = {}) =>
  `${phoneNumber},alpha,${change.gaining ?? 'beta'},Ada Example,${change.account ?? 'A-1'},1 Main St,Springfield,62701,US`;
const file = (...lines: string[]) => `${[heading, ...lines].join('\n')}\n`;

let keys = 0;
const send = (body: string | Buffer, headers: Record<string, string> = {}) =>
  api.post('/v1/ports/import', body, { 'content-type': 'text/csv', 'idempotency-key': `file-${keys++}`, ...headers });
const third = '+12025550145';
const elsewhere = '+12025550147';

describe('a file of ports', () => {
  it('becomes one port for the lines that say the same but for the number', async () => {
    const answer = await send(file(line(numbers.own), line(numbers.second), line(third, { account: 'B-2' })));
    const { accepted, refused, ports, data } = importAnswer.parse(answer.body);
    expect([answer.status, accepted, refused]).toEqual([200, 3, 0]);
    expect(ports.map(({ numbers: count }) => count)).toEqual([2, 1]);
    expect(data.map(({ line: at, portId }) => [at, portId])).toEqual([
      [2, ports[0]?.id],
      [3, ports[0]?.id],
      [4, ports[1]?.id],
    ]);
    expect(api.recorded.ports).toHaveLength(2);
    const stored = await api.store.ports.find(ports[0]?.id ?? '');
    expect(JSON.parse(api.store.vault.open(stored?.request as never)).subscriber).toEqual({
      name: 'Ada Example',
      authorizedBy: 'Ada Example',
      accountNumber: 'A-1',
      serviceAddress: { street: '1 Main St', city: 'Springfield', postalCode: '62701', country: 'US' },
    });
    const consents = (await api.get(`/v1/consents?phoneNumber=${encodeURIComponent(third)}`)).body.data;
    expect(consents).toMatchObject([{ basis: 'porting', evidence: { act: 'signature', name: 'Ada Example' } }]);
  });

  it('takes the example as it is', async () => {
    const body = await readFile(projectFile('examples/ports.csv'), 'utf8');
    // Its carriers are the demo's.
    const { data } = importAnswer.parse((await send(body)).body);
    expect(data).toHaveLength(7);
    expect(new Set(data.map(({ code }) => code))).toEqual(new Set(['unknown-carrier']));
  });

  it('becomes a plan where the lines make several orders', async () => {
    const many = Array.from({ length: 501 }, (_, index) => line(`+1206${2000000 + index}`));
    const { ports } = importAnswer.parse((await send(file(...many))).body);
    expect(ports).toMatchObject([{ id: expect.stringMatching(/^plan_/), numbers: 501 }]);
    expect(api.recorded.plans).toMatchObject([{ planId: ports[0]?.id }]);
  });

  it.each<[string, string, object]>([
    ['with too few cells', '+12025550146,alpha', { code: 'line-malformed' }],
    [
      'with an open quote',
      '+12025550146,"alpha,beta,Ada,A-1,1 Main St,Springfield,62701,US',
      { code: 'line-malformed' },
    ],
    ['with a quote in the middle', line('+12025550146').replace('Ada', 'A"da'), { code: 'line-malformed' }],
    ['with no number', line('0800 123'), { code: 'phone-number-malformed', errors: [{ column: 'phoneNumber' }] }],
    ['with a number that does not exist', line('+19995550199'), { code: 'phone-number-invalid' }],
    ['with a number that an earlier line has', line(numbers.own), { code: 'number-repeated' }],
    [
      'without an account',
      line('+12025550146').replace('A-1', ''),
      { code: 'invalid-request', errors: [{ column: 'accountNumber' }] },
    ],
    ['to a carrier that we have not', line('+12025550146', { gaining: 'gamma' }), { code: 'unknown-carrier' }],
    ['to a carrier that ports nothing', line('+12025550146', { gaining: 'alpha' }), { code: 'carrier-cannot-port' }],
    ['of a number with another open port (invariant 7)', line(numbers.foreign), { code: 'number-has-open-port' }],
    ['of a number that is with another carrier', line(elsewhere), { code: 'losing-carrier-mismatch' }],
  ])('a line %s changes nothing for the others', async (_what, wrong, refusal) => {
    await api.store.numberClaims.claim([api.store.vault.numberKey(numbers.foreign)], 'port_other');
    await api.register(elsewhere, 'beta');
    const { accepted, data } = importAnswer.parse(
      (await send(file(line(numbers.own), wrong, line(numbers.second)))).body,
    );
    expect(accepted).toBe(2);
    expect(data.map(({ line: at, status }) => [at, status])).toEqual([
      [2, 'accepted'],
      [3, 'refused'],
      [4, 'accepted'],
    ]);
    expect(data[1]).toMatchObject(refusal);
    expect(api.recorded.ports).toMatchObject([
      { numberKeys: [numbers.own, numbers.second].map((number) => api.store.vault.numberKey(number)) },
    ]);
  });

  it('counts lines as an editor does: empty ones, Windows ends and a byte order mark, too', async () => {
    const body = `\uFEFF${heading}\r\n\r\n${line(numbers.own)}\r\n\r\n${line('+1')}\r\n`;
    const { data } = importAnswer.parse((await send(body)).body);
    expect(data.map(({ line: at, status }) => [at, status])).toEqual([
      [3, 'accepted'],
      [5, 'refused'],
    ]);
  });

  it('orders nothing twice when it comes again, also when it was cut off (invariant 4)', async () => {
    const headers = { 'idempotency-key': 'again' };
    const body = file(line(numbers.own), line(third, { account: 'B-2' }));
    api.recorded.failure = new Problem('engine-unavailable', 'It has not begun.');
    expect((await send(body, headers)).body.code).toBe('engine-unavailable');
    api.recorded.failure = undefined;
    // Meanwhile the process of what was stored may have begun, and has claimed its number.
    const [cutOff] = (await api.get('/v1/ports')).body.data;
    await api.store.numberClaims.claim(
      cutOff.numbers.map(({ phoneNumber }: { phoneNumber: string }) => api.store.vault.numberKey(phoneNumber)),
      cutOff.id,
    );
    const first = await send(body, headers);
    expect(importAnswer.parse(first.body).accepted).toBe(2);
    const again = await send(body, headers);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await api.contents()).ports).toBe(2);
    expect((await send(file(line(numbers.own)), headers)).body.code).toBe('idempotency-key-reused');
  });

  it('answers line by line for who asks for it', async () => {
    const answer = await fetch(`${api.url}/v1/ports/import`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'text/csv',
        'idempotency-key': 'ndjson',
        accept: 'application/x-ndjson',
      },
      body: file(line(numbers.own), line('+1')),
    });
    expect(answer.headers.get('content-type')).toMatch(/^application\/x-ndjson/);
    const lines = (await answer.text()).trim().split('\n');
    expect(lines.map((each) => importLine.parse(JSON.parse(each)).status)).toEqual(['accepted', 'refused']);
  });

  it('says what is wrong with the heading, and what is no CSV', async () => {
    const wrong = await send(`${heading},colour,+12065550100,Ada Example\n`);
    expect(wrong.body).toMatchObject({
      code: 'import-columns-wrong',
      errors: [{ path: 'line 1', message: 'Unknown: colour, and the columns at position 11, 12.' }],
    });
    const twice = await send(`${heading},city\n`);
    expect(twice.body.errors).toEqual([{ path: 'line 1', message: 'There twice: city.' }]);
    expect((await send('')).body.code).toBe('import-columns-wrong');
    expect((await send('{}', { 'content-type': 'application/json' })).body).toMatchObject({
      code: 'unsupported-media-type',
      title: 'The body is not of the type that is asked for',
    });
  });

  it('refuses a line that is not UTF-8, and garbles no name', async () => {
    const named = file(line(numbers.own).replace('Ada', 'Zoë'), line(numbers.second));
    const { accepted, data } = importAnswer.parse((await send(Buffer.from(named, 'latin1'))).body);
    expect(accepted).toBe(1);
    expect(data[0]).toMatchObject({
      line: 2,
      status: 'refused',
      code: 'line-malformed',
      errors: [{ message: expect.stringContaining('not UTF-8') }],
    });
    expect(importAnswer.parse((await send(Buffer.from(named))).body).accepted).toBe(2);
  });

  it('refuses a file whose heading is not UTF-8', async () => {
    const answer = await send(Buffer.from(`\uFEFF${file(line(numbers.own))}`, 'utf16le'));
    expect(answer.body).toMatchObject({
      code: 'import-columns-wrong',
      detail: expect.stringContaining('not UTF-8'),
    });
    expect((await api.contents()).ports).toBe(0);
  });

  it('takes a name whose letters come in several pieces, and cuts no letter of a line that is too long', async () => {
    const bytes = Buffer.from(file(line(numbers.own).replace('Ada', 'Zoë'), `${'é'.repeat(20_000)}x`));
    const pieces = [...bytes.subarray(0, 200)].map((byte) => Buffer.from([byte]));
    const { orders, refused } = await readImport(Readable.from([...pieces, bytes.subarray(200)]));
    expect(orders[0]?.request.subscriber.authorizedBy).toBe('Zoë Example');
    expect(refused).toMatchObject([{ line: 3, errors: [{ message: 'The line has 1 cell, the heading has 9.' }] }]);
  });

  it('says of every cell that is empty that it is missing', async () => {
    const { data } = importAnswer.parse((await send(file(`${numbers.own},,,,,,,,`))).body);
    expect(data[0]?.errors).toEqual(
      expect.arrayContaining(
        ['gainingCarrier', 'authorizedBy', 'accountNumber', 'street', 'city', 'postalCode', 'country'].map(
          (column) => ({ column, message: 'Is missing.' }),
        ),
      ),
    );
    expect(JSON.stringify(data)).not.toContain('undefined');
  });

  it('writes no number into the logs (invariant 9)', async () => {
    await send(file(line(numbers.own), line('+12065550', { account: 'A-77' })));
    const logged = api.lines.join('\n');
    for (const personal of [numbers.own, '12065550', 'Ada Example', 'A-77']) expect(logged).not.toContain(personal);
  });
});
