import { describe, expect, test } from 'vitest';
import { type Config, loadConfig } from '../../config/config.ts';
import { ConfigError } from '../../config/config-error.ts';
import { requireConnected } from '../../config/connected-config.ts';

const problemsOf = (
  env: NodeJS.ProcessEnv,
  check: (config: Config) => unknown = () => undefined,
): readonly string[] => {
  try {
    check(loadConfig(env));
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('the configuration', () => {
  test('stands without any variable', () => {
    const config = loadConfig({ HOME: '/home/someone' });
    expect(config.api).toMatchObject({ port: 8080, publicUrl: 'http://localhost:8080', keys: [] });
    expect(config.temporal).toEqual({
      address: undefined,
      port: 7233,
      uiPort: 8233,
      uiUrl: 'http://localhost:8233',
      namespace: 'default',
    });
    expect(config.mongodb).toEqual({ uri: undefined, port: 27017, database: 'portsms' });
    expect(config.cacheDir).toBe('/home/someone/.cache/portsms');
    expect(config.dataDir).toBe(`${process.cwd()}/.data`);
    expect(config).toMatchObject({
      carrierSyncSeconds: 300,
      cutoverMarginSeconds: 900,
      proofDeadlineHours: 72,
      portOutUndecided: 'reject',
      retentionDays: 30,
      routeTolerance: {},
    });
    expect(config.smtp).toBeUndefined();
  });

  test('takes each variable, and an empty one as not set', () => {
    const config = loadConfig({
      PORT: '9000',
      PORTSMS_PUBLIC_URL: 'https://sms.example.com/',
      PORTSMS_API_KEY: 'abcdefghijklmnop, 0123456789abcdef',
      MONGODB_URI: 'mongodb://one:27017,two:27017/?replicaSet=rs0',
      TEMPORAL_ADDRESS: '[::1]:7233',
      XDG_CACHE_HOME: '/var/cache/someone',
      LOG_LEVEL: '',
      PORTSMS_ROUTE_TOLERANCE: 'otp=0.01, marketing=1',
    });
    expect(config.routeTolerance).toEqual({ otp: 0.01, marketing: 1 });
    expect(config.api).toMatchObject({ port: 9000, publicUrl: 'https://sms.example.com' });
    expect(config.api.keys).toEqual(['abcdefghijklmnop', '0123456789abcdef']);
    expect(config.mongodb.uri).toBe('mongodb://one:27017,two:27017/?replicaSet=rs0');
    expect(config.temporal.address).toBe('[::1]:7233');
    expect(config.cacheDir).toBe('/var/cache/someone/portsms');
    expect(config.logLevel).toBe('info');
  });

  test('a simulator runs unless real carriers are configured, or when it is asked for', () => {
    expect(loadConfig({}).simulatorPort).toBe(8090);
    expect(loadConfig({ PORTSMS_CARRIERS: 'carriers.yaml' }).simulatorPort).toBeUndefined();
    expect(loadConfig({ PORTSMS_CARRIERS: 'carriers.yaml', SIMULATOR_PORT: '8091' }).simulatorPort).toBe(8091);
  });

  test('is frozen through and through', () => {
    const config = loadConfig({}) as { api: { port: number }; dataDir: string };
    expect(() => {
      config.api.port = 1;
    }).toThrow(TypeError);
    expect(() => {
      config.dataDir = '/';
    }).toThrow(TypeError);
  });

  test.each([
    ['PORT', '0'],
    ['PORT', '65536'],
    ['PORT', '80 80'],
    ['PORT', '1e3'],
    ['TEMPORAL_ADDRESS', 'http://localhost:7233'],
    ['TEMPORAL_ADDRESS', 'localhost'],
    ['MONGODB_URI', 'localhost:27017'],
    ['MONGODB_DATABASE', 'a/b'],
    ['PORTSMS_API_KEY', 'short'],
    ['PORTSMS_API_KEY', 'abcdefghijklmnop,'],
    ['PORTSMS_API_KEY', 'abcdefgh ijklmnop'],
    ['PORTSMS_SECRET', 'x'.repeat(31)],
    ['PORTSMS_PUBLIC_URL', 'sms.example.com'],
    ['LOG_LEVEL', 'loud'],
    ['PORTSMS_CARRIER_SYNC_SECONDS', '0'],
    ['PORTSMS_MAIL_FROM', 'porting'],
  ])('%s=%s is refused by a line that names it', (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} `));
    expect(problems[0]).not.toContain('\n');
  });

  test('a mail server needs an address that answers go to', () => {
    const PORTSMS_SMTP_URL = 'smtps://user:password@mail.example.com';
    expect(problemsOf({ PORTSMS_SMTP_URL })).toEqual([
      expect.stringMatching(/^PORTSMS_MAIL_FROM must be set with PORTSMS_SMTP_URL/),
    ]);
    const config = loadConfig({ PORTSMS_SMTP_URL, PORTSMS_MAIL_FROM: 'porting@example.com' });
    expect(config.smtp).toEqual({ url: PORTSMS_SMTP_URL, from: 'porting@example.com' });
    expect(loadConfig({ PORTSMS_MAIL_FROM: 'porting@example.com' }).smtp).toBeUndefined();
    expect(problemsOf({ PORTSMS_SMTP_URL: 'mail.example.com', PORTSMS_MAIL_FROM: 'porting@example.com' })).toEqual([
      expect.stringMatching(/^PORTSMS_SMTP_URL must be a URL/),
    ]);
  });

  test('several problems are told at once, and a secret is not repeated in them', () => {
    const problems = problemsOf({ PORT: 'x', MONGODB_PORT: '-1', PORTSMS_SECRET: 'hunter2' });
    expect(problems.map((line) => line.split(' ')[0])).toEqual(['PORT', 'MONGODB_PORT', 'PORTSMS_SECRET']);
    expect(problems.join()).not.toContain('hunter2');
  });
});

describe('a process that serves', () => {
  const complete = {
    TEMPORAL_ADDRESS: 'localhost:7233',
    MONGODB_URI: 'mongodb://localhost:27017',
    PORTSMS_SECRET: 's'.repeat(32),
    PORTSMS_API_KEY: 'k'.repeat(16),
    PORTSMS_CARRIERS: 'carriers.yaml',
  };

  test('has all that it connects to', () => {
    expect(requireConnected(loadConfig(complete)).carriersFile).toBe(`${process.cwd()}/carriers.yaml`);
  });

  test.each(Object.keys(complete))('does not start without %s', (name) => {
    const problems = problemsOf({ ...complete, [name]: undefined }, requireConnected);
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name} is not set; set it to `))]);
  });
});
