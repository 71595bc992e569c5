import { ZodError, z } from 'zod';
import { readEnvironment } from './environment.ts';
import { type Simulator, startSimulator } from './simulator.ts';

let simulator: Simulator;
try {
  simulator = await startSimulator(readEnvironment(process.env));
} catch (error) {
  const reason =
    error instanceof ZodError ? z.prettifyError(error).replace(/\s*\n\s*/g, ' ') : (error as Error).message;
  console.error(`the simulator cannot start: ${reason}`);
  process.exit(1);
}

let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  await simulator.stop();
  process.exit(0);
}

process.on('SIGTERM', end);
process.on('SIGINT', end);
if (process.channel) process.on('disconnect', end);

console.log(`ready ${simulator.url}`);
process.send?.('ready');
