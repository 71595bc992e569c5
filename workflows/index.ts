export { carrierSyncWorkflow } from './carrier-sync.ts';
export { correspondenceWorkflow } from './correspondence.ts';
export { cutoverWorkflow } from './cutover.ts';
export { holdWorkflow } from './hold.ts';
export { messagesWorkflow } from './messages.ts';
export { portWorkflow } from './port.ts';
export { portOutWorkflow } from './port-out.ts';
export { routingSyncWorkflow } from './routing-sync.ts';
