import { describeCarrierContract } from '../contract.ts';
import { startSmsc } from './smsc.ts';

describeCarrierContract('smpp, one transceiver', () => startSmsc());
describeCarrierContract('smpp, transmitter and receiver apart, 16-bit references', () =>
  startSmsc({ bind: 'transmitter+receiver', concatenationReference: 16 }),
);
