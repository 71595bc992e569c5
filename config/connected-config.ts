import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';

/** The configuration of a process that serves: what it connects to and its secrets are known. */
export type ConnectedConfig = Config & {
  readonly temporal: { readonly address: string };
  readonly mongodb: { readonly uri: string };
  readonly secret: string;
  readonly carriersFile: string;
};

/**
 * The same configuration, known to hold what API and worker cannot do without. `npm start` sets all of it; who starts the processes
 * one by one sets it in the environment.
 * @throws ConfigError with one line for each variable that is missing.
 */
export function requireConnected(config: Config): ConnectedConfig {
  const needs: readonly [string, unknown, string][] = [
    ['TEMPORAL_ADDRESS', config.temporal.address, 'host:port of the Temporal server'],
    ['MONGODB_URI', config.mongodb.uri, 'the connection string of the MongoDB replica set'],
    ['PORTSMS_SECRET', config.secret, 'the master secret, at least 32 characters, the same for every process'],
    ['PORTSMS_API_KEY', config.api.keys[0], 'the keys that callers may use, separated by commas'],
    ['PORTSMS_CARRIERS', config.carriersFile, 'the path of the carriers file'],
  ];
  const missing = needs.filter(([, value]) => value === undefined);
  if (missing.length > 0)
    throw new ConfigError(missing.map(([name, , what]) => `${name} is not set; set it to ${what}`));
  return config as ConnectedConfig;
}
