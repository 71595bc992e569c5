import { describeCarrierContract } from '../contract.ts';
import { startTelnyxApi } from './telnyx-api.ts';

describeCarrierContract('telnyx', () => startTelnyxApi());
