/** A copy in random order (Fisher and Yates): every order is as likely as any other. */
export function shuffle<Item>(items: readonly Item[], random: () => number): Item[] {
  const result: Item[] = [];
  for (const item of items) {
    const at = Math.floor(random() * (result.length + 1));
    const displaced = result[at];
    if (displaced === undefined) {
      result.push(item);
    } else {
      result[at] = item;
      result.push(displaced);
    }
  }
  return result;
}

/**
 * A host's addresses in the order to try them: where IPv6 works the families take turns, IPv6 first
 * (RFC 8305 §4), so that a family that is broken further on costs one attempt and not all of them.
 * Within a family they are shuffled: our cache must not undo the name server's round robin.
 */
export function interleaveAddresses(
  addresses: { readonly ipv4: readonly string[]; readonly ipv6: readonly string[] },
  options: { readonly ipv6: boolean; readonly random: () => number },
): readonly string[] {
  const ipv4 = shuffle(addresses.ipv4, options.random);
  const ipv6 = shuffle(addresses.ipv6, options.random);
  if (!options.ipv6) return [...ipv4, ...ipv6];
  const turns: string[] = [];
  for (let turn = 0; turn < Math.max(ipv4.length, ipv6.length); turn++) {
    for (const family of [ipv6, ipv4]) {
      const address = family[turn];
      if (address !== undefined) turns.push(address);
    }
  }
  return turns;
}
