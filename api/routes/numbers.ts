import type { Carrier } from '../../carriers/carrier.ts';
import { parsePhoneNumber } from '../../domain/phone-number.ts';
import type { NumberDocument } from '../../store/numbers.ts';
import { registeredAccount } from '../../store/port-out-credentials.ts';
import type { Store } from '../../store/store.ts';
import { type Operation, operation } from '../operation.ts';
import { pastMoment } from '../past-moment.ts';
import { Problem } from '../problem.ts';
import {
  type NumberRequest,
  numberAnswer,
  numberPage,
  numberParams,
  numberQuery,
  numberRequest,
} from '../schemas/numbers.ts';
import { page } from '../schemas/page.ts';
import { unknownCarrier } from '../unknown-carrier.ts';
import { numberView } from '../views/number-view.ts';

const tag = 'Numbers';

/** The records of phone numbers; what they are sent by is changed by a port, or here while none is open. */
export function numberOperations(dependencies: {
  readonly store: Pick<Store, 'numbers' | 'numberClaims' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
}): Operation[] {
  const { store, carriers } = dependencies;
  const { numbers, numberClaims, vault } = store;

  async function show(
    found: readonly NumberDocument[],
  ): Promise<(number: NumberDocument) => ReturnType<typeof numberView>> {
    const [standbys, openPorts] = await Promise.all([
      numbers.findMany(found.flatMap((number) => number.standbyKey ?? [])),
      numberClaims.openPorts(found.map((number) => number._id)),
    ]);
    return (number) =>
      numberView(
        number,
        { standby: standbys.get(number.standbyKey ?? ''), openPort: openPorts.get(number._id) },
        vault,
      );
  }

  const list = operation({
    method: 'get',
    path: '/v1/numbers',
    summary: 'List your numbers, newest first',
    tag,
    query: numberQuery,
    answers: { 200: { description: 'A page of numbers.', schema: numberPage } },
    async handle({ query }) {
      const listed = query.drift ? numbers.listDrifting : numbers.listOwn;
      const found = await listed(query.limit + 1, query.cursor);
      const view = await show(found);
      return {
        status: 200,
        body: page(found, query.limit, view, (number) => ({ at: number.registeredAt, id: number._id })),
      };
    },
  });

  const read = operation({
    method: 'get',
    path: '/v1/numbers/:e164',
    summary: 'Read the record of a number',
    tag,
    params: numberParams,
    answers: {
      200: { description: 'The record; of a foreign number, what is known from sending to it.', schema: numberAnswer },
    },
    problems: ['unknown-number', 'phone-number-malformed', 'phone-number-invalid'],
    async handle({ params }) {
      const number = await numbers.find(vault.numberKey(params.e164));
      if (!number) throw new Problem('unknown-number', 'Register it: PUT /v1/numbers/{number} with its carrier.');
      return { status: 200, body: (await show([number]))(number) };
    },
  });

  const register = operation({
    method: 'put',
    path: '/v1/numbers/:e164',
    summary: 'Register one of your numbers, or change its record',
    description:
      'Replaces carrier and standby sender; what protects it against port-outs stays as it is when left out. Not while a port of the number is open: then the port decides.',
    tag,
    params: numberParams,
    body: numberRequest,
    answers: {
      200: { description: 'The record was changed.', schema: numberAnswer },
      201: { description: 'The number is registered.', schema: numberAnswer },
    },
    problems: [
      'unknown-carrier',
      'standby-not-owned',
      'number-has-open-port',
      'changed-meanwhile',
      'phone-number-malformed',
      'phone-number-invalid',
    ],
    async handle({ params, body }) {
      const key = vault.numberKey(params.e164);
      if (!carriers.has(body.carrier)) throw unknownCarrier(carriers);
      const standbyKey = await standbyKeyOf(body.standbySender, key);
      const parsed = parsePhoneNumber(params.e164);
      const kept = {
        own: true,
        ...(parsed.ok && { country: parsed.country, type: parsed.type }),
        routing: { state: 'settled', carrier: body.carrier },
      } as const;
      const known = await numbers.find(key);
      const guarded = { ...guardedBy(key, body), ...sendingAs(body) };
      const openPort = (await numberClaims.openPorts([key])).get(key);
      if (openPort !== undefined || known?.routing.state === 'uncertain') {
        throw new Problem('number-has-open-port', 'Wait until its port has ended, or cancel it.');
      }
      const stored = known
        ? await numbers.change(key, known.version, { ...kept, standbyKey, ...guarded })
        : await numbers.insert({
            ...kept,
            ...(standbyKey !== undefined && { standbyKey }),
            ...Object.fromEntries(Object.entries(guarded).filter(([, value]) => value !== undefined)),
            _id: key,
            number: vault.seal(params.e164),
            version: 1,
            history: [],
            registeredAt: new Date(),
          });
      // What was mended is compared with the world at the next pass.
      if (stored) await numbers.checkBy(key, new Date());
      const number = stored ? await numbers.find(key) : undefined;
      if (!number)
        throw new Problem('changed-meanwhile', 'Read the record again, and repeat the change if it is still right.');
      return { status: known?.own ? 200 : 201, body: (await show([number]))(number) };
    },
  });

  /** What protects the number against being ported out, as far as the request says anything about it; undefined removes. */
  function guardedBy(
    key: string,
    { portOutLock, portOutAccount, simChangedAt }: NumberRequest,
  ): Partial<Pick<NumberDocument, 'portOutLock' | 'portOutAccount' | 'simChangedAt'>> {
    return {
      ...(portOutLock !== undefined && { portOutLock }),
      ...(portOutAccount !== undefined && {
        portOutAccount: portOutAccount ? registeredAccount(vault, key, portOutAccount, new Date()) : undefined,
      }),
      ...(simChangedAt !== undefined && { simChangedAt: pastMoment('simChangedAt', simChangedAt, new Date()) }),
    };
  }

  /** By which name and registrations it sends, as far as the request says anything about it; undefined removes. */
  function sendingAs({
    brand,
    contact,
    registrations,
  }: NumberRequest): Partial<Pick<NumberDocument, 'brand' | 'contact' | 'registrations'>> {
    const sealed = (value: string | null) => (value === null ? undefined : vault.seal(value));
    return {
      ...(brand !== undefined && { brand: sealed(brand) }),
      ...(contact !== undefined && { contact: sealed(contact) }),
      ...(registrations && { registrations }),
    };
  }

  async function standbyKeyOf(standbySender: string | undefined, ofNumber: string): Promise<string | undefined> {
    if (standbySender === undefined) return undefined;
    const key = vault.numberKey(standbySender);
    const record = key === ofNumber ? undefined : await numbers.find(key);
    if (!record?.own || record.routing.state === 'gone') {
      throw new Problem('standby-not-owned', 'Register another of your numbers first, and name that one.');
    }
    return key;
  }

  return [list, read, register];
}
