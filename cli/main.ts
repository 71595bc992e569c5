import { main } from './portsms.ts';

process.exit(await main(process.argv.slice(2)));
