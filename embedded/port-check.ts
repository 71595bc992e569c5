import type { Config } from '../config/config.ts';
import { isTaken } from './free-ports.ts';
import type { ServiceName } from './launch.ts';

/** Ports that are wanted can't be had; one line for each. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/**
 * Looks whether all ports are free before anything is started.
 * @throws PortTakenError
 */
export async function checkPorts(config: Config, parts: readonly ServiceName[]): Promise<void> {
  const wanted = portsOf(config).filter(({ part }) => parts.includes(part));
  const problems: string[] = [];
  for (const [i, { variable, port, instead }] of wanted.entries()) {
    const twin = wanted.slice(0, i).find((other) => other.port === port);
    if (twin)
      problems.push(
        `Port ${port} is wanted twice, by ${twin.variable} and ${variable}: set one of them to another port.`,
      );
    else if (await isTaken(port)) {
      problems.push(
        `Port ${port} (${variable}) is taken by another program: stop that one, or set ${variable} to a free port${instead}.`,
      );
    }
  }
  if (problems.length > 0) throw new PortTakenError(problems.join('\n'));
}

function portsOf(config: Config): { part: ServiceName; variable: string; port: number; instead: string }[] {
  const { api, simulatorPort = 0, temporal, mongodb } = config;
  return [
    { part: 'api', variable: 'PORT', port: api.port, instead: '' },
    { part: 'simulator', variable: 'SIMULATOR_PORT', port: simulatorPort, instead: '' },
    {
      part: 'temporal',
      variable: 'TEMPORAL_PORT',
      port: temporal.port,
      instead: ', or TEMPORAL_ADDRESS to use what runs there',
    },
    { part: 'temporal', variable: 'TEMPORAL_UI_PORT', port: temporal.uiPort, instead: '' },
    {
      part: 'mongodb',
      variable: 'MONGODB_PORT',
      port: mongodb.port,
      instead: ', or MONGODB_URI to use what runs there',
    },
  ];
}
