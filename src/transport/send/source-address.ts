import { isIP } from "node:net";

/**
 * Our addresses towards next hops, in turn. Where none is of the target's family, the system
 * chooses: a host that has an IPv6 address only is reached all the same.
 */
export class SourceAddresses {
  /** By connector and family: how often one was chosen. */
  readonly #turns = new Map<string, number>();

  /** The next one of the connector for that target address; `undefined`: the system's choice. */
  pick(
    connector: { readonly name: string; readonly sourceIPAddresses: readonly string[] },
    target: string,
  ): string | undefined {
    const { name, sourceIPAddresses } = connector;
    if (sourceIPAddresses.length === 0) return undefined;
    const family = isIP(target);
    const usable = sourceIPAddresses.filter((address) => isIP(address) === family);
    const key = `${family} ${name}`;
    const turn = this.#turns.get(key) ?? 0;
    if (usable.length > 1) this.#turns.set(key, (turn + 1) % usable.length);
    return usable[turn % usable.length];
  }
}
