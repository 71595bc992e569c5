import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CarrierUnavailable } from '../../../carriers/errors.ts';
import { TelnyxCampaigns } from '../../../carriers/telnyx/campaigns.ts';
import { telnyxClient } from '../../../carriers/telnyx/client.ts';
import { TelnyxInventory } from '../../../carriers/telnyx/inventory.ts';
import { type Simulator, startSimulator } from '../../../simulator/simulator.ts';
import { Control } from '../../simulator/control.ts';

let simulator: Simulator;
let campaigns: TelnyxCampaigns;
let inventory: TelnyxInventory;
const here = '+12025553901';
const elsewhere = '+12025553902';

beforeAll(async () => {
  simulator = await startSimulator();
  simulator.world.numbers.provision([
    { phoneNumber: here, carrier: 'telnyx' },
    { phoneNumber: elsewhere, carrier: 'alpha' },
  ]);
  const client = telnyxClient({ ...simulator.telnyx, timeoutMs: 5_000 });
  campaigns = new TelnyxCampaigns('telnyx', client);
  inventory = new TelnyxInventory('telnyx', client);
});
afterAll(() => simulator.stop());

const nowhere = () => telnyxClient({ baseUrl: 'http://127.0.0.1:9/v2', apiKey: 'KEY', timeoutMs: 500 });

describe('a number and its campaign', () => {
  it('is attached in a while; asking again asks for nothing new', async () => {
    expect(await campaigns.attach(here, 'C4711')).toBe('pending');
    expect(await campaigns.attach(here, 'C4711')).toBe('pending');
    await expect.poll(() => campaigns.attach(here, 'C4711'), { timeout: 8000, interval: 300 }).toBe('attached');
  });

  it('moves to another campaign: it has one at a time', async () => {
    expect(await campaigns.attach(here, 'C4712')).toBe('pending');
    await expect.poll(() => campaigns.attach(here, 'C4712'), { timeout: 8000, interval: 300 }).toBe('attached');
  });

  it('is refused before it has arrived, and by a campaign that is none; it may be tried again', async () => {
    expect(await campaigns.attach(elsewhere, 'C4711')).toBe('refused');
    expect(await campaigns.attach(here, 'FAIL1')).toBe('pending');
    await new Promise((resolve) => setTimeout(resolve, 1700));
    // The refusal was seen, and the number is handed in once more.
    expect(await campaigns.attach(here, 'FAIL1')).toBe('pending');
  });

  it('cannot be asked about when the carrier is away', async () => {
    await expect(new TelnyxCampaigns('telnyx', nowhere()).attach(here, 'C1')).rejects.toThrow(CarrierUnavailable);
  });
});

describe('the inventory', () => {
  it('says which numbers the carrier has, and which have gone', async () => {
    const said = await inventory.possession([here, elsewhere, '+12025553903']);
    expect(Object.fromEntries(said)).toEqual({ [here]: 'has', [elsewhere]: 'gone', '+12025553903': 'gone' });
    await new Control(simulator).call('POST', `/numbers/${encodeURIComponent(here)}/routes`, { voice: 'foreign' });
    expect((await inventory.possession([here])).get(here)).toBe('gone');
  });

  it('says nothing when the carrier is away', async () => {
    await expect(new TelnyxInventory('telnyx', nowhere()).possession([here])).rejects.toThrow(CarrierUnavailable);
  });
});
