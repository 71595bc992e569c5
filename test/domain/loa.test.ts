import { expect, it } from 'vitest';
import templates from '../../domain/facts/loa-templates.json' with { type: 'json' };
import { composeLoa, isSameName, isWritable, type LoaSubject, signedText } from '../../domain/loa.ts';

const subject: LoaSubject = {
  country: 'US',
  phoneNumbers: ['+12025550143', '+12025550144'],
  portType: 'full',
  request: {
    subscriber: {
      name: 'Ada Example',
      accountNumber: 'A-77123',
      pin: '4711',
      serviceAddress: { street: '1 Main St', city: 'Springfield', region: 'IL', postalCode: '62701', country: 'US' },
      authorizedBy: 'Ada Example',
    },
  },
  gaining: 'Telnyx',
  losing: 'Alpha Telecom',
  reference: 'port_1',
  signatory: 'Ada Example',
  signedAt: new Date('2026-10-01T10:00:00Z'),
};
const text = (change: Partial<LoaSubject> = {}) => signedText(composeLoa({ ...subject, ...change }));

it('says in the United States what 47 CFR 64.1130(e) asks for', () => {
  const letter = text();
  for (const each of ['Ada Example', '1 Main St', 'Springfield, IL, 62701', ...subject.phoneNumbers]) {
    expect(letter, '(1) billing name and address, each number').toContain(each);
  }
  expect(letter, '(2) the decision').toMatch(/decided to change the provider .* from Alpha Telecom to Telnyx/);
  expect(letter, '(3) the agent').toMatch(/designate Telnyx to act as my agent/);
  expect(letter, '(4) one carrier per service').toMatch(/only one provider may be designated for each service/);
  expect(letter, '(5) charges').toMatch(/may involve a charge/);
  expect(letter, 'signed and dated').toContain('Signed by Ada Example on 2026-10-01 10:00:00 UTC.');
});

it('never tells the PIN', () => {
  expect(text()).not.toContain('4711');
});

it('lists what remains of a partial port, and what is billed for it then', () => {
  const request = { ...subject.request, remainingNumbers: ['+442071838750'], newBillingNumber: '+442071838751' };
  const letter = text({ country: 'GB', portType: 'partial', request });
  expect(letter).toMatch(/^Letter of Authority/);
  expect(letter).toMatch(/part of the numbers/);
  expect(letter).toMatch(/Numbers that remain \(1\)\n\+442071838750\n/);
  expect(letter).toContain('New billing number: +442071838751');
});

it('speaks of the present provider where none is known', () => {
  expect(text({ country: 'DE', losing: undefined })).toContain('from the present provider');
});

it('has a wording for every country, and fills every gap in each', () => {
  const countries = templates.templates.flatMap((each) => each.countries);
  for (const country of [...countries, 'FR', 'IN']) expect(text({ country })).not.toMatch(/[{}]|undefined/);
  expect(templates.templates.at(-1)?.countries).toEqual([]);
  for (const { source, verifiedAt } of templates.templates) expect([source, verifiedAt].every(Boolean)).toBe(true);
});

it('changes with every fact that is signed', () => {
  const { request } = subject;
  const { subscriber } = request;
  const changed = [
    text({ phoneNumbers: ['+12025550143'] }),
    text({ gaining: 'Beta' }),
    text({ signedAt: new Date('2026-10-01T10:00:01Z') }),
    text({ request: { ...request, subscriber: { ...subscriber, accountNumber: 'A-77124' } } }),
    text({ reference: 'port_2' }),
  ];
  expect(new Set([text(), ...changed]).size).toBe(changed.length + 1);
});

it.each([
  ['Ada  Example', 'ada example', true],
  ['Ada Example', 'Ada B. Example', false],
  ['José Pérez', 'Jose\u0301 Pe\u0301rez', true],
  ['J. P. Doe', 'J P Doe', true],
])('takes «%s» and «%s» for one person: %s', (one, other, same) => {
  expect(isSameName(one, other)).toBe(same);
});

it.each([
  ['Łukasz Żółciński', true],
  ['Παράδειγμα ΑΕ', true],
  ['Иван', true],
  ['山田太郎', false],
  ['हिन्दी', false],
  ['محمد', false],
])('can write %s: %s', (name, writable) => {
  expect(isWritable(name)).toBe(writable);
});
