import fc from 'fast-check';
import smpp from 'smpp';
import { describe, expect, it } from 'vitest';
import { decodeText } from '../../../carriers/smpp/alphabet.ts';
import { smppConfig } from '../../../carriers/smpp/config.ts';
import { readDeliveryPdu } from '../../../carriers/smpp/delivery-pdu.ts';
import { countParts, encodeParts } from '../../../carriers/smpp/parts.ts';
import { relativePeriod, toSubmitPdus } from '../../../carriers/smpp/submission.ts';
import { readUserData } from '../../../carriers/smpp/user-data.ts';

const config = smppConfig.parse({ id: 'a', adapter: 'smpp', host: 'h', systemId: 's', password: 'p' });
const gsm7 = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./09:;<=>?¡AZÄÖÑÜ§¿azäöñüà^{}\\[~]|€';
const submission = { from: '+12025550100', to: '+12025550199', validityMs: 60_000 };

const alphabets = fc.constantFrom('gsm7' as const, 'latin1' as const, 'ucs2' as const);
const references = fc.constantFrom(8 as const, 16 as const);
const texts = fc.oneof(
  fc.string({ unit: fc.constantFrom(...gsm7), maxLength: 700 }),
  fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 500 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
);

describe('encodeParts', () => {
  it('is read back letter by letter by the library as a carrier would read it', () => {
    fc.assert(
      fc.property(texts, references, fc.integer({ min: 0, max: 0xffff }), (text, concatenationReference, reference) => {
        const pdus = toSubmitPdus(
          { ...submission, text, references: [reference] },
          { ...config, concatenationReference },
        );
        const read = pdus.map(
          (pdu) => new smpp.PDU(pdu.toBuffer()).short_message as { message: string; udh?: Buffer[] },
        );
        expect(read.map(({ message }) => message).join('')).toBe(text);
        read.forEach(({ udh }, index) => {
          if (read.length === 1) expect(udh).toBeUndefined();
          else expect([...(udh?.[0] ?? [])].slice(-2)).toEqual([read.length, index + 1]);
        });
      }),
    );
  });

  it('fits the air interface, keeps surrogate pairs together, and is read back by our own inbound side', () => {
    fc.assert(
      fc.property(
        texts,
        alphabets,
        references,
        fc.integer({ min: 0, max: 0xffff }),
        (text, defaultAlphabet, concatenationReference, reference) => {
          const settings = { ...config, defaultAlphabet, concatenationReference };
          const parts = encodeParts(text, reference, settings);
          expect(parts).toHaveLength(countParts(text, settings));
          let joined = '';
          parts.forEach((part, index) => {
            const septets = part.dataCoding === 0 && defaultAlphabet === 'gsm7';
            const { octets, part: position } = readUserData({ ...emptyDelivery, ...part });
            const header = part.octets.length - octets.length;
            const airOctets = septets
              ? Math.ceil(((octets.length + Math.ceil((header * 8) / 7)) * 7) / 8)
              : part.octets.length;
            expect(airOctets).toBeLessThanOrEqual(140);
            if (parts.length > 1) {
              const expected = concatenationReference === 8 ? reference & 0xff : reference;
              expect(position).toEqual({ reference: expected, total: parts.length, sequence: index + 1 });
            }
            const decoded = decodeText(octets, part.dataCoding, defaultAlphabet) ?? '';
            expect(decoded).not.toMatch(/\p{Surrogate}/u);
            joined += decoded;
          });
          expect(joined).toBe(text);
        },
      ),
    );
  });

  it.each([
    ['gsm7', 8, 'a'.repeat(160), 1],
    ['gsm7', 8, 'a'.repeat(161), 2],
    ['gsm7', 8, 'a'.repeat(307), 3],
    ['gsm7', 16, 'a'.repeat(305), 3],
    ['gsm7', 8, '€'.repeat(80), 1],
    ['gsm7', 8, '€'.repeat(81), 2],
    ['latin1', 8, 'é'.repeat(140), 1],
    ['latin1', 8, 'é'.repeat(141), 2],
    ['latin1', 8, '€', 1],
    ['ucs2', 8, 'a'.repeat(70), 1],
    ['ucs2', 8, 'a'.repeat(71), 2],
    ['ucs2', 16, 'a'.repeat(133), 3],
    ['gsm7', 8, '🙂'.repeat(35), 1],
    ['gsm7', 8, '🙂'.repeat(36), 2],
    ['gsm7', 8, '', 1],
  ] as const)(
    'at a carrier with %s and %i-bit references, %o takes %i',
    (defaultAlphabet, concatenationReference, text, parts) => {
      expect(countParts(text, { defaultAlphabet, concatenationReference })).toBe(parts);
    },
  );
});

const emptyDelivery = readDeliveryPdu(
  new smpp.PDU('deliver_sm', { short_message: Buffer.alloc(0), data_coding: 0 }).toBuffer().subarray(4),
);

describe('toSubmitPdus', () => {
  it('writes addresses by their kind, the validity that remains, a wish for a receipt and our references', () => {
    const text = 'é'.repeat(200);
    const [first, second] = toSubmitPdus({ ...submission, from: 'ACME', text, references: [513, 514] }, config);
    expect(first).toMatchObject({
      source_addr_ton: 5,
      source_addr_npi: 0,
      source_addr: 'ACME',
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      destination_addr: '12025550199',
      validity_period: '000000000100000R',
      registered_delivery: 1,
      esm_class: 0x40,
      user_message_reference: 513,
    });
    expect(second?.user_message_reference).toBe(514);
    const [, unreferenced] = toSubmitPdus({ ...submission, text, references: [513] }, config);
    expect(unreferenced && 'user_message_reference' in new smpp.PDU(unreferenced.toBuffer())).toBe(false);
    expect(toSubmitPdus({ ...submission, from: '72345', text: 'x', references: [1] }, config)[0]).toMatchObject({
      source_addr_ton: 3,
      source_addr_npi: 0,
    });
  });
});

describe('relativePeriod', () => {
  it.each([
    [0, '000000000001000R'],
    [999, '000000000001000R'],
    [61_500, '000000000101000R'],
    [4 * 3_600_000, '000000040000000R'],
    [86_399_999, '000000235959000R'],
    [3 * 86_400_000, '000003000000000R'],
    [40 * 86_400_000, '000109000000000R'],
  ])('writes %i ms as %s', (ms, period) => {
    expect(relativePeriod(ms)).toBe(period);
  });

  it('never lasts longer than asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 5 * 365 * 86_400_000 }), (ms) => {
        const [years, months, days, hours, minutes, seconds] = (relativePeriod(ms).match(/../g) ?? []).map(Number);
        const most =
          ((((years ?? 0) * 12 + (months ?? 0)) * 31 + (days ?? 0)) * 24 + (hours ?? 0)) * 3600 +
          (minutes ?? 0) * 60 +
          (seconds ?? 0);
        expect(most * 1000).toBeLessThanOrEqual(ms);
      }),
    );
  });
});
