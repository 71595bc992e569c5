import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type SharesByKind, sharesByKind } from '../domain/route-choice/shares.ts';
import { isNetwork } from '../domain/webhook-address.ts';
import { ConfigError } from './config-error.ts';

/** How verbose logs are, in pino's words. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** Everything that the environment decides, validated; parsed once per process and passed in. */
export interface Config {
  readonly api: {
    readonly port: number;
    /** Where callers and carriers reach the API, without a trailing slash. */
    readonly publicUrl: string;
    /** The keys that callers may present; empty means that `npm start` makes one. */
    readonly keys: readonly string[];
    /** The largest request body that is read, in bytes. */
    readonly bodyLimitBytes: number;
  };
  /** The simulator's HTTP port; undefined when real carriers are configured and no simulator was asked for. */
  readonly simulatorPort: number | undefined;
  readonly temporal: {
    /** host:port of a running server; undefined means that `npm start` starts one. */
    readonly address: string | undefined;
    readonly port: number;
    readonly uiPort: number;
    /** Where people find the Temporal Web UI, without a trailing slash. */
    readonly uiUrl: string;
    readonly namespace: string;
  };
  readonly mongodb: {
    /** Of a running replica set; undefined means that `npm start` starts one. */
    readonly uri: string | undefined;
    readonly port: number;
    readonly database: string;
  };
  /** The master secret: number keys and the encryption of texts and numbers derive from it. */
  readonly secret: string | undefined;
  /** What people's keys are wrapped by, the current one first; without any, by a key that derives from the secret. */
  readonly masterKeys: readonly { readonly id: string; readonly key: string }[];
  /** The YAML file that names the carriers. */
  readonly carriersFile: string | undefined;
  /** Absolute. */
  readonly dataDir: string;
  /** Absolute; what can be downloaded or built again lives here. */
  readonly cacheDir: string;
  readonly logLevel: LogLevel;
  readonly workerMetricsPort: number | undefined;
  /** How often each carrier is asked what changed, the net under lost webhooks. */
  readonly carrierSyncSeconds: number;
  /** How often numbers that are due are compared with the portability database and their carriers. */
  readonly routingSyncSeconds: number;
  /** How long before activation a number's routing counts as uncertain. */
  readonly cutoverMarginSeconds: number;
  /** After this long without proof of a cutover a person is asked. */
  readonly proofDeadlineHours: number;
  /** The mail server for carriers that are written to by mail; undefined: such mails are left to people. */
  readonly smtp: { readonly url: string; readonly from: string } | undefined;
  /** What is answered to a port-out that nobody decided about, before the carrier takes silence for approval. */
  readonly portOutUndecided: 'reject' | 'authorize';
  /** How long the embedded Temporal server keeps a closed workflow. */
  readonly retentionDays: number;
  /** By how much less than the best a route may deliver and still be good enough, where it is not as usual (domain/route-choice). */
  readonly routeTolerance: SharesByKind;
  /** Networks (CIDR) that events may be sent to although they are not public. */
  readonly webhookPrivateNetworks: readonly string[];
}

/** The simulator's port when nothing is set. */
export const DEFAULT_SIMULATOR_PORT = 8090;

const wholeNumber = (what: string, least: number, most: number, standard: number) => {
  const message = `must be ${what}, a whole number from ${least} to ${most}, for example ${standard}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((n) => n >= least && n <= most, message);
};
const port = (standard: number) => wholeNumber('a port', 1, 65535, standard);
const url = (schemes: readonly string[], example: string) =>
  z.string().refine((text) => {
    try {
      return schemes.includes(new URL(text).protocol);
    } catch {
      return false;
    }
  }, `must be a URL, for example ${example}`);

const LOG_LEVELS = [
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
  'silent',
] as const satisfies readonly LogLevel[];

const environment = z
  .object({
    PORT: port(8080).default(8080),
    PORTSMS_PUBLIC_URL: url(['http:', 'https:'], 'https://sms.example.com').optional(),
    PORTSMS_API_KEY: z
      .string()
      .transform((text) => text.split(',').map((key) => key.trim()))
      .refine(
        (keys) => keys.every((key) => /^[\x21-\x7e]{16,}$/.test(key)),
        'holds a key that is too short or has blanks in it; each must be at least 16 visible ASCII characters, several are separated by commas',
      )
      .default([]),
    PORTSMS_BODY_LIMIT_BYTES: wholeNumber('a size in bytes', 1024, 64 * 1024 * 1024, 1_048_576).default(1_048_576),
    SIMULATOR_PORT: port(DEFAULT_SIMULATOR_PORT).optional(),
    TEMPORAL_ADDRESS: z
      .string()
      .regex(/^[^\s/:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, 'must be host:port, for example localhost:7233')
      .optional(),
    TEMPORAL_PORT: port(7233).default(7233),
    TEMPORAL_UI_PORT: port(8233).default(8233),
    TEMPORAL_UI_URL: url(['http:', 'https:'], 'https://temporal.example.com').optional(),
    TEMPORAL_NAMESPACE: z.string().default('default'),
    // Not by URL: a replica set is named as host1,host2, which URL refuses.
    MONGODB_URI: z
      .string()
      .regex(
        /^mongodb(\+srv)?:\/\/\S+$/,
        'must be a connection string, for example mongodb://localhost:27017/?replicaSet=rs0',
      )
      .optional(),
    MONGODB_PORT: port(27017).default(27017),
    MONGODB_DATABASE: z
      .string()
      .regex(/^[^\s/\\."$*<>:|?]{1,63}$/, 'must be a database name of 1 to 63 characters, for example portsms')
      .default('portsms'),
    PORTSMS_SECRET: z
      .string()
      .min(32, 'is too short; it must be at least 32 characters, for example from: openssl rand -base64 48')
      .optional(),
    PORTSMS_MASTER_KEYS: z
      .string()
      .transform((text) => text.split(',').map((each) => each.trim().split(':')))
      .refine(
        (keys) =>
          keys.every(([id = '', key = '', ...more]) => more.length === 0 && isMasterKeyId(id) && isKeyOf32Bytes(key)),
        'must be ID:KEY, several separated by commas, the current one first: an ID of letters, digits and dashes but not «secret», a KEY of 32 bytes in base64, for example from: openssl rand -base64 32',
      )
      .refine(
        (keys) => new Set(keys.map(([id]) => id)).size === keys.length,
        'names an ID twice: each key has one of its own',
      )
      .transform((keys) => keys.map(([id = '', key = '']) => ({ id, key })))
      .default([]),
    PORTSMS_CARRIERS: z.string().optional(),
    PORTSMS_DATA_DIR: z.string().default('.data'),
    XDG_CACHE_HOME: z.string().optional(),
    LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
    WORKER_METRICS_PORT: port(9464).optional(),
    PORTSMS_CARRIER_SYNC_SECONDS: wholeNumber('a time in seconds', 1, 86_400, 300).default(300),
    PORTSMS_ROUTING_SYNC_SECONDS: wholeNumber('a time in seconds', 1, 86_400, 600).default(600),
    PORTSMS_CUTOVER_MARGIN_SECONDS: wholeNumber('a time in seconds', 0, 604_800, 900).default(900),
    PORTSMS_PROOF_DEADLINE_HOURS: wholeNumber('a time in hours', 1, 2160, 72).default(72),
    PORTSMS_PORT_OUT_UNDECIDED: z
      .enum(
        ['reject', 'authorize'],
        'must be reject or authorize: what is answered to a port-out that nobody decided about',
      )
      .default('reject'),
    PORTSMS_TEMPORAL_RETENTION_DAYS: wholeNumber('a time in days', 1, 3650, 30).default(30),
    PORTSMS_ROUTE_TOLERANCE: sharesByKind.default({}),
    PORTSMS_WEBHOOK_PRIVATE_NETWORKS: z
      .string()
      .transform((text) => text.split(',').map((network) => network.trim()))
      .refine(
        (networks) => networks.every(isNetwork),
        'must be networks separated by commas, for example 10.1.0.0/16,fd00::/8',
      )
      .default([]),
    PORTSMS_SMTP_URL: url(['smtp:', 'smtps:'], 'smtps://user:password@mail.example.com').optional(),
    PORTSMS_MAIL_FROM: z
      .email('must be the mail address that answers go to, for example porting@example.com')
      .optional(),
  })
  .refine(({ PORTSMS_SMTP_URL, PORTSMS_MAIL_FROM }) => !PORTSMS_SMTP_URL || PORTSMS_MAIL_FROM, {
    path: ['PORTSMS_MAIL_FROM'],
    message: 'must be set with PORTSMS_SMTP_URL: the mail address that answers go to, for example porting@example.com',
  });

/**
 * Reads the configuration from environment variables. One that is empty counts as not set.
 * @throws ConfigError with one line for each variable that is wrong.
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const known = Object.keys(environment.shape).map((name) => [name, env[name]?.trim() || undefined]);
  const parsed = environment.safeParse(Object.fromEntries(known));
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`));
  }
  const set = parsed.data;
  return deepFreeze<Config>({
    api: {
      port: set.PORT,
      publicUrl: (set.PORTSMS_PUBLIC_URL ?? `http://localhost:${set.PORT}`).replace(/\/+$/, ''),
      keys: set.PORTSMS_API_KEY,
      bodyLimitBytes: set.PORTSMS_BODY_LIMIT_BYTES,
    },
    simulatorPort: set.SIMULATOR_PORT ?? (set.PORTSMS_CARRIERS ? undefined : DEFAULT_SIMULATOR_PORT),
    temporal: {
      address: set.TEMPORAL_ADDRESS,
      port: set.TEMPORAL_PORT,
      uiPort: set.TEMPORAL_UI_PORT,
      uiUrl: (set.TEMPORAL_UI_URL ?? `http://localhost:${set.TEMPORAL_UI_PORT}`).replace(/\/+$/, ''),
      namespace: set.TEMPORAL_NAMESPACE,
    },
    mongodb: { uri: set.MONGODB_URI, port: set.MONGODB_PORT, database: set.MONGODB_DATABASE },
    secret: set.PORTSMS_SECRET,
    masterKeys: set.PORTSMS_MASTER_KEYS,
    carriersFile: set.PORTSMS_CARRIERS && resolve(set.PORTSMS_CARRIERS),
    dataDir: resolve(set.PORTSMS_DATA_DIR),
    cacheDir: join(set.XDG_CACHE_HOME ? resolve(set.XDG_CACHE_HOME) : join(homeOf(env), '.cache'), 'portsms'),
    logLevel: set.LOG_LEVEL,
    workerMetricsPort: set.WORKER_METRICS_PORT,
    carrierSyncSeconds: set.PORTSMS_CARRIER_SYNC_SECONDS,
    routingSyncSeconds: set.PORTSMS_ROUTING_SYNC_SECONDS,
    cutoverMarginSeconds: set.PORTSMS_CUTOVER_MARGIN_SECONDS,
    proofDeadlineHours: set.PORTSMS_PROOF_DEADLINE_HOURS,
    portOutUndecided: set.PORTSMS_PORT_OUT_UNDECIDED,
    retentionDays: set.PORTSMS_TEMPORAL_RETENTION_DAYS,
    smtp:
      set.PORTSMS_SMTP_URL && set.PORTSMS_MAIL_FROM
        ? { url: set.PORTSMS_SMTP_URL, from: set.PORTSMS_MAIL_FROM }
        : undefined,
    routeTolerance: set.PORTSMS_ROUTE_TOLERANCE,
    webhookPrivateNetworks: set.PORTSMS_WEBHOOK_PRIVATE_NETWORKS,
  });
}

/** «secret» is the id of the key that derives from PORTSMS_SECRET. */
function isMasterKeyId(id: string): boolean {
  return /^[A-Za-z0-9-]{1,40}$/.test(id) && id !== 'secret';
}

function isKeyOf32Bytes(key: string): boolean {
  return /^[A-Za-z0-9+/]{43}=?$/.test(key);
}

function homeOf(env: NodeJS.ProcessEnv): string {
  return env.HOME || homedir();
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part);
  return Object.freeze(value);
}

/** The names of all variables that the configuration is read from. */
export const CONFIG_VARIABLES: readonly string[] = Object.keys(environment.shape);
