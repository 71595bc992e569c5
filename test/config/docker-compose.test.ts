import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { CONFIG_VARIABLES, loadConfig } from '../../config/config.ts';
import { requireConnected } from '../../config/connected-config.ts';
import { readEnvironment } from '../../simulator/environment.ts';
import { longestStopMs } from '../../worker/graces.ts';

interface Service {
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly stop_grace_period?: string;
}
const file = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
const { services } = parse(file, { merge: true }) as { services: Record<string, Service> };

/** As Compose would pass it on when only the required variables are set. */
function environmentOf(service: string): Record<string, string> {
  const entries = Object.entries(services[service]?.environment ?? {});
  const filled = (value: string): string => {
    const inner = value.replace(/\$\{\w+:-([^${}]*)\}/g, '$1').replace(/\$\{\w+:\?[^}]*\}/g, 'required-'.repeat(4));
    return inner === value ? value : filled(inner);
  };
  return Object.fromEntries(entries.map(([name, value]) => [name, filled(value)]));
}

test.each(['api', 'worker'])(
  'docker-compose.yml gives the %s all that it needs, under names that it knows',
  (service) => {
    const environment = environmentOf(service);
    expect(CONFIG_VARIABLES).toEqual(expect.arrayContaining(Object.keys(environment)));
    expect(requireConnected(loadConfig(environment))).toMatchObject({
      temporal: { address: 'temporal:7233', namespace: 'default', uiUrl: 'http://localhost:8233' },
      mongodb: { uri: 'mongodb://mongodb:27017/?replicaSet=rs0', database: 'portsms' },
      carriersFile: '/carriers/carriers.yaml',
      carrierSyncSeconds: 300,
    });
  },
);

test('docker-compose.yml gives the simulator an environment that it takes', () => {
  expect(readEnvironment(environmentOf('simulator'))).toMatchObject({
    host: '0.0.0.0',
    httpPort: 8090,
    smppPorts: { alpha: 2775, beta: 2776, gamma: 2777 },
    webhookUrl: 'http://api:8080/webhooks/carriers/telnyx',
  });
});

test('docker-compose.yml kills no worker that still waits for carriers', () => {
  const seconds = Number(/^(\d+)s$/.exec(services.worker?.stop_grace_period ?? '')?.[1]);
  expect(seconds).toBeGreaterThan(longestStopMs / 1000);
});

test('docker-compose.yml waits for nothing that it does not define', () => {
  const awaited = Object.values(services).flatMap((service) => Object.keys(service.depends_on ?? {}));
  expect(Object.keys(services)).toEqual(expect.arrayContaining(awaited));
});
