import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, isTaken } from './free-ports.ts';

/** The simulator's ports beside its HTTP port: SMPP for each of its carriers, and DNS (UDP). */
export interface SimulatorPorts {
  readonly smpp: Readonly<Record<string, number>>;
  readonly dns: number;
}

/** The SMPP carriers that the simulator plays. */
const SMPP_CARRIERS = ['alpha', 'beta', 'gamma'] as const;

/** Free ports; those of the last time if they still are free, so that a carriers file that somebody copied goes on being right. */
export async function simulatorPorts(dataDir: string): Promise<SimulatorPorts> {
  const file = join(dataDir, 'simulator-ports.json');
  const earlier = await remembered(file);
  if (earlier !== undefined && !(await anyTaken(Object.values(earlier.smpp)))) return earlier;
  const [dns = 0, ...smpp] = await freePorts(1 + SMPP_CARRIERS.length);
  const ports = { smpp: Object.fromEntries(SMPP_CARRIERS.map((carrier, i) => [carrier, smpp[i] ?? 0])), dns };
  await writeFile(file, JSON.stringify(ports));
  return ports;
}

async function remembered(file: string): Promise<SimulatorPorts | undefined> {
  try {
    const ports = JSON.parse(await readFile(file, 'utf8')) as SimulatorPorts;
    return SMPP_CARRIERS.every((carrier) => ports.smpp[carrier]) && ports.dns ? ports : undefined;
  } catch {
    return undefined;
  }
}

async function anyTaken(ports: readonly number[]): Promise<boolean> {
  for (const port of ports) if (await isTaken(port)) return true;
  return false;
}
