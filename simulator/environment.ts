import { z } from 'zod';
import type { SimulatorOptions } from './simulator.ts';
import { SMPP_CARRIERS, type SmppCarrierId } from './world/networks.ts';

const port = z.coerce.number().int().min(0).max(65_535);

const variables = z.object({
  SIMULATOR_HOST: z.string().default('127.0.0.1'),
  SIMULATOR_PORT: port.default(8090),
  SIMULATOR_SMPP_PORTS: z.string().default('alpha=2775,beta=2776,gamma=2777').transform(readPorts),
  SIMULATOR_DNS_PORT: port.default(5353),
  SIMULATOR_DATA_DIR: z.string().min(1).default('.portsms/simulator'),
  SIMULATOR_SEED: z.coerce.number().int().optional(),
  SIMULATOR_SCENARIO: z.enum(['quiet', 'weather']).optional(),
  SIMULATOR_WEBHOOK_URL: z.url().optional(),
});

/** The simulator's settings from the environment. @throws z.ZodError that names what is wrong */
export function readEnvironment(environment: NodeJS.ProcessEnv): SimulatorOptions {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const settings = variables.parse(given);
  return {
    host: settings.SIMULATOR_HOST,
    httpPort: settings.SIMULATOR_PORT,
    smppPorts: settings.SIMULATOR_SMPP_PORTS,
    dnsPort: settings.SIMULATOR_DNS_PORT,
    dataDir: settings.SIMULATOR_DATA_DIR,
    seed: settings.SIMULATOR_SEED,
    preset: settings.SIMULATOR_SCENARIO,
    firstPreset: 'weather',
    webhookUrl: settings.SIMULATOR_WEBHOOK_URL,
  };
}

/** `alpha=2775,beta=2776` */
function readPorts(value: string, context: z.RefinementCtx): Partial<Record<SmppCarrierId, number>> {
  const ports: Partial<Record<SmppCarrierId, number>> = {};
  for (const entry of value.split(',')) {
    const [id, text] = entry.trim().split('=');
    const parsed = port.safeParse(text);
    if (!SMPP_CARRIERS.includes(id as SmppCarrierId) || !parsed.success) {
      context.addIssue({
        code: 'custom',
        message: `"${entry}" is not carrier=port with one of ${SMPP_CARRIERS.join(', ')}`,
      });
    } else {
      ports[id as SmppCarrierId] = parsed.data;
    }
  }
  return ports;
}
