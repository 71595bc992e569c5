import { stringify } from 'yaml';
import { NETWORKS, SMPP_CARRIERS, SMPP_QUIRKS, type SmppCarrierId, TELNYX_API_KEY } from '../world/networks.ts';
import type { PortBehaviour } from '../world/scenario.ts';

export interface Addresses {
  readonly http: number;
  readonly smpp: Readonly<Record<SmppCarrierId, number>>;
  readonly dns: number;
}

/** Limits that the file is to name instead of the usual ones. */
export interface Limits {
  readonly sessions?: number;
  readonly window?: number;
  readonly segmentsPerSecond?: number;
}

/**
 * The product's carriers file for this simulator.
 * @param host the name, @param ip the address by which it is reached
 * @param ports how orders go here: in seconds, at any time of day
 */
export function carriersFile(
  addresses: Addresses,
  host: string,
  ip: string,
  webhookPublicKey: string,
  limits: Limits,
  ports: Pick<PortBehaviour, 'cancelCutOffMs'>,
): string {
  const smpp = SMPP_CARRIERS.map((id) => {
    const { systemId, password, receiptId, receiptTimeZone, receipts } = SMPP_QUIRKS[id];
    const { country, spids, testNumber } = NETWORKS[id];
    return {
      id,
      adapter: 'smpp',
      host,
      port: addresses.smpp[id],
      systemId,
      password,
      bind: 'transceiver',
      sessions: limits.sessions ?? 1,
      window: limits.window ?? 32,
      segmentsPerSecond: limits.segmentsPerSecond ?? 100,
      country,
      spids,
      probes: [testNumber],
      defaultAlphabet: 'gsm7',
      receiptId,
      receiptTimeZone,
      optOutReply: 'us',
      receipts,
    };
  });
  const telnyx = {
    id: 'telnyx',
    adapter: 'telnyx',
    baseUrl: `http://${host}:${addresses.http}/telnyx/v2`,
    apiKey: TELNYX_API_KEY,
    webhookPublicKey,
    country: NETWORKS.telnyx.country,
    spids: NETWORKS.telnyx.spids,
    probes: [NETWORKS.telnyx.testNumber],
    optOutReply: 'carrier',
    receipts: 'carrier',
    window: limits.window ?? 32,
    segmentsPerSecond: limits.segmentsPerSecond ?? 100,
    activationHours: 'always',
    supplementCutOffHours: 0,
    cancelCutOffHours: ports.cancelCutOffMs / 3600_000,
  };
  const file = {
    carriers: [...smpp, telnyx],
    portability: [
      { adapter: 'enum', servers: [`${ip}:${addresses.dns}`], suffix: 'e164.arpa', timeoutMs: 500 },
      { adapter: 'telnyx', carrier: 'telnyx' },
    ],
  };
  // Quoted, so that no reader takes a SPID for a number or a zone for base 60.
  return stringify(file, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' });
}
