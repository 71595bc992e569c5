import { BlockList, isIP } from 'node:net';
import special from './facts/special-addresses.json' with { type: 'json' };

/**
 * Where events may be sent. Whoever may name an address could otherwise make us call what only we can reach (SSRF): the database, a
 * cloud's metadata, the neighbour's admin page. So the scheme and a literal address are judged when an endpoint is made, and what a name
 * resolves to when a connection is opened, each time.
 */
export interface WebhookAddressRules {
  /** @returns why events can't be sent there; undefined when they can, as far as the URL tells */
  refuseUrl(url: string): string | undefined;
  /** @param address IPv4 or IPv6. @returns true when a connection may be opened to it */
  permits(address: string): boolean;
}

/** @param privateNetworks in CIDR notation: networks of one's own that may be called although they are not public */
export function webhookAddressRules(privateNetworks: readonly string[]): WebhookAddressRules {
  const notPublic = blockList(special.notPublic);
  const own = blockList(privateNetworks);
  const loopback = blockList(special.loopback);

  const permits = (address: string) => {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    return isIP(address) > 0 && (own.check(address, family) || !notPublic.check(address, family));
  };

  return {
    permits,

    refuseUrl(given) {
      if (!URL.canParse(given)) return 'It is no URL.';
      const url = new URL(given);
      // As URL writes an address, whatever forms of it there are (decimal, octal, short).
      const host = url.hostname.replace(/^\[|\]$/g, '');
      if (url.username || url.password) return 'Leave user and password out: receivers know us by the signature.';
      if (url.hash) return 'Leave out what follows #: it would never be sent.';
      const isLoopback = host === 'localhost' || (isIP(host) > 0 && inList(loopback, host));
      if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
        return 'It must begin with https:// (http:// for this machine only).';
      }
      if (isIP(host) > 0 ? permits(host) : host !== 'localhost' || permits('127.0.0.1')) return undefined;
      return 'It is not in the public Internet: name the network in PORTSMS_WEBHOOK_PRIVATE_NETWORKS if it is yours.';
    },
  };
}

/** True of a network in CIDR notation. */
export function isNetwork(cidr: string): boolean {
  const [address = '', prefix, ...more] = cidr.split('/');
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return more.length === 0 && /^\d{1,3}$/.test(prefix ?? '') && Number(prefix) <= longest;
}

function inList(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
