import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, freeUdpPort, isTaken, isUdpTaken } from './free-ports.ts';

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
  if (earlier !== undefined && (await areFree(earlier))) return earlier;
  const numbers = await freePorts(SMPP_CARRIERS.length);
  const ports = {
    smpp: Object.fromEntries(SMPP_CARRIERS.map((carrier, i) => [carrier, numbers[i] ?? 0])),
    dns: await freeUdpPort(),
  };
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

async function areFree({ smpp, dns }: SimulatorPorts): Promise<boolean> {
  const taken = await Promise.all([...Object.values(smpp).map(isTaken), isUdpTaken(dns)]);
  return !taken.includes(true);
}
