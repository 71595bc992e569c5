import { describe, expect, it } from 'vitest';
import { ConfigurationError, loadCarriers } from '../../carriers/configuration.ts';
import { createCarriers } from '../../carriers/registry.ts';
import { createPortabilityDatabase } from '../../npdb/registry.ts';

const publicKey = Buffer.alloc(32, 7).toString('base64');
const environment = { ALPHA_PASSWORD: 'secret', TELNYX_API_KEY: 'KEY', TELNYX_PUBLIC_KEY: publicKey };
const silent = { info() {}, warn() {}, error() {} };

/** The example of the design. */
const design = `
carriers:
  - {id: alpha, adapter: smpp, host: 127.0.0.1, port: 2775, systemId: portsms, password: "env:ALPHA_PASSWORD", bind: transceiver,
     sessions: 1, window: 32, segmentsPerSecond: 50, country: US, spids: ["1234"], defaultAlphabet: gsm7, receiptId: same, receiptTimeZone: "+00:00",
     optOutReply: us, receipts: handset}     # receiptId: same, hexThenDecimal, decimalThenHex
  - {id: telnyx, adapter: telnyx, baseUrl: "https://api.telnyx.com/v2", apiKey: "env:TELNYX_API_KEY", webhookPublicKey: "env:TELNYX_PUBLIC_KEY"}
portability:
  - {adapter: enum, servers: ["127.0.0.1:5353"], suffix: e164.arpa, timeoutMs: 500}
  - {adapter: telnyx, carrier: telnyx}
`;

function problemsOf(yaml: string, env: Record<string, string | undefined> = environment): readonly string[] {
  try {
    loadCarriers(yaml, env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

const alpha = (more: string) =>
  `carriers: [{id: alpha, adapter: smpp, host: h, systemId: s, password: p${more === '' ? '' : `, ${more}`}}]`;

describe('loadCarriers', () => {
  it('knows the network of a carrier, the numbers it probes with, and its campaign', () => {
    const yaml = alpha('network: us-1, probes: ["+13125550178"], campaignId: C4711');
    const settings = createCarriers(loadCarriers(yaml, environment), { logger: silent }).get('alpha')?.settings;
    expect(settings).toMatchObject({ network: 'us-1', probes: ['+13125550178'], campaignId: 'C4711' });
    const plain = createCarriers(loadCarriers(alpha(''), environment), { logger: silent }).get('alpha')?.settings;
    expect(plain).toMatchObject({ network: 'alpha', probes: [] });
    expect(plain).not.toHaveProperty('campaignId');
    expect(problemsOf(alpha('probes: ["3125550178"]'))).toEqual([
      'carriers[0] (alpha): probes.0: is no number in E.164, like +12025550123',
    ]);
  });

  it('reads the example of the design and makes clients of it', () => {
    const configuration = loadCarriers(design, environment);
    expect(configuration.carriers).toMatchObject([
      { id: 'alpha', adapter: 'smpp', password: 'secret', window: 32, tls: false },
      { id: 'telnyx', adapter: 'telnyx', apiKey: 'KEY', optOutReply: 'carrier' },
    ]);
    expect(configuration.portability).toMatchObject([{ adapter: 'enum' }, { adapter: 'telnyx', timeoutMs: 2000 }]);
    const carriers = createCarriers(configuration, { logger: silent });
    expect([...carriers.keys()]).toEqual(['alpha', 'telnyx']);
    expect(carriers.get('alpha')?.settings).toEqual({
      id: 'alpha',
      adapter: 'smpp',
      spids: ['1234'],
      country: 'US',
      optOutReply: 'us',
      partIds: 'each',
      receipts: 'handset',
      senders: [],
      network: 'alpha',
      probes: [],
      codes: 'smpp',
      clocks: {},
    });
    expect(carriers.get('telnyx')?.porting).toBeDefined();
    expect(createPortabilityDatabase(configuration).name).toBe('enum, telnyx');
  });

  it.each([
    ['an unknown key', alpha('windov: 3'), ['carriers[0] (alpha): unknown key "windov"']],
    [
      'an unknown key inside',
      alpha('shortCode: {ton: 3, npi: 0, x: 1}'),
      ['carriers[0] (alpha): unknown key "shortCode.x"'],
    ],
    ['an unknown key at the top', `${alpha('')}\nportabilty: []`, ['the file: unknown key "portabilty"']],
    ['a wrong value', alpha('window: 0'), [expect.stringMatching(/^carriers\[0\] \(alpha\): window: .*1/)]],
    [
      'a wrong zone',
      alpha('receiptTimeZone: Europe/Berlim'),
      [expect.stringContaining('receiptTimeZone: is an offset')],
    ],
    [
      'an unknown adapter',
      'carriers: [{id: a, adapter: ucp}]',
      ['carriers[0] (a): unknown adapter "ucp"; known are smpp, telnyx'],
    ],
    [
      'hours that end before they begin',
      alpha('support: {hours: {zone: America/Chicago, days: [mon], from: "17:00", to: "08:00"}}'),
      [expect.stringContaining('support.hours: begin before they end')],
    ],
    [
      'support in a zone that is none',
      alpha('support: {hours: {zone: Chicago, days: [mon], from: "08:00", to: "17:00"}}'),
      [expect.stringContaining('support.hours.zone: is a zone')],
    ],
    [
      'a contact that nobody can reach',
      alpha('support: {escalation: [{afterHours: 4, name: Bo}]}'),
      [expect.stringContaining('support.escalation.0: needs an email or a phone')],
    ],
    ['an unknown way to support', alpha('support: {fax: "+1"}'), ['carriers[0] (alpha): unknown key "support.fax"']],
    ['a country that is none', alpha('country: UK'), [expect.stringContaining('country: is no country')]],
    ['no adapter', 'carriers: [{id: a}]', [expect.stringContaining('carriers[0]: adapter:')]],
    ['no carrier at all', 'carriers: []', [expect.stringContaining('the file: carriers:')]],
    [
      'an id with a blank',
      'carriers: [{id: "a b", adapter: smpp, host: h, systemId: s, password: p}]',
      [expect.stringContaining('id: starts with a letter')],
    ],
    ['text that is no YAML', 'carriers: [', [expect.stringMatching(/line 1/)]],
    ['an empty file', '', [expect.stringContaining('the file:')]],
    [
      'a doubled id',
      `${alpha('').slice(0, -1)}, {id: alpha, adapter: smpp, host: h, systemId: s, password: p}]`,
      ['carriers: the id "alpha" is given to more than one carrier'],
    ],
    [
      'a look-up at an unknown carrier',
      `${alpha('')}\nportability: [{adapter: telnyx, carrier: alpha}]`,
      ['portability[0]: carrier: "alpha" is not the id of a configured carrier with the adapter telnyx'],
    ],
    [
      'a DNS server by name',
      `${alpha('')}\nportability: [{adapter: enum, servers: ["localhost:53"]}]`,
      [expect.stringContaining('portability[0]: servers.0: is an IP address')],
    ],
  ])('names %s in one line', (_, yaml, problems) => {
    expect(problemsOf(yaml)).toEqual(problems);
  });

  it('takes clocks of port orders that differ from those of the adapter', () => {
    const telnyx = (more: string) =>
      `carriers: [{id: t, adapter: telnyx, apiKey: k, webhookPublicKey: "${publicKey}", ${more}}]`;
    const clocksOf = (more: string) =>
      createCarriers(loadCarriers(telnyx(more), {}), { logger: silent }).get('t')?.settings.clocks;
    expect(clocksOf('activationHours: always, cancelCutOffHours: 0.001')).toEqual({
      activationHours: 'always',
      cancelCutOffHours: 0.001,
    });
    const hours = 'activationHours: {zone: America/Chicago, from: 6, to: 20}, supplementCutOffHours: 24';
    expect(clocksOf(hours)).toEqual({
      activationHours: { zone: 'America/Chicago', from: 6, to: 20 },
      supplementCutOffHours: 24,
    });
    for (const wrong of [
      'activationHours: never',
      'activationHours: {zone: America/Chicagoo, from: 6, to: 20}',
      'activationHours: {zone: America/Chicago, from: 20, to: 6}',
      'cancelCutOffHours: -1',
    ]) {
      expect(problemsOf(telnyx(wrong))).toEqual([expect.stringMatching(/^carriers\[0\] \(t\): \w+Hours/)]);
    }
    expect(problemsOf(alpha('cancelCutOffHours: 1'))).toEqual(['carriers[0] (alpha): unknown key "cancelCutOffHours"']);
  });

  it('gives a carrier its support and its name', () => {
    const yaml = alpha(
      'name: Alpha Telecom, support: {email: help@alpha.example, ticketUrl: "https://alpha.example/t", hours: {zone: America/Chicago, days: [mon, fri], from: "08:00", to: "17:00"}, escalation: [{afterHours: 24, phone: "+15125550100", name: Duty}]}',
    );
    const settings = createCarriers(loadCarriers(yaml, {}), { logger: silent }).get('alpha')?.settings;
    expect(settings).toMatchObject({
      name: 'Alpha Telecom',
      support: { email: 'help@alpha.example', hours: { days: ['mon', 'fri'] }, escalation: [{ afterHours: 24 }] },
    });
  });

  it('names every secret that is missing, by its place and its variable', () => {
    expect(problemsOf(design, { TELNYX_PUBLIC_KEY: publicKey, TELNYX_API_KEY: '' })).toEqual([
      'carriers[0].password: the environment variable ALPHA_PASSWORD is not set',
      'carriers[1].apiKey: the environment variable TELNYX_API_KEY is not set',
    ]);
  });

  it('does not repeat a secret in a problem', () => {
    const problems = problemsOf(design, { ...environment, TELNYX_PUBLIC_KEY: 'very-secret' });
    expect(problems).toEqual(['carriers[1] (telnyx): webhookPublicKey: is not an Ed25519 public key in base64']);
  });

  it('reports the problems of all carriers at once', () => {
    expect(problemsOf('carriers: [{id: a, adapter: ucp}, {id: b, adapter: ucp}]')).toHaveLength(2);
  });
});
