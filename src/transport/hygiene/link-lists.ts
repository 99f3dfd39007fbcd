import type { Resolver } from "../../dns/resolver.ts";

/** Hosts that are asked about, each with the domain above it. */
const HOSTS_MAX = 10;

/** By 127.0.0.1, 127.0.0.255 and 127.255.255.x lists say that they don't answer this server. */
const LISTED = /^127\.(?!255\.255\.)(?!0\.0\.(?:1|255)$)/;

/**
 * Hosts of links that lists in DNS name, or whose domain they name (RFC 5782 §2.2), as
 * `host (list)`. DNS that says nothing lists nobody. Never rejects.
 */
export async function findListedLinks(
  resolver: Resolver,
  hosts: readonly string[],
  lists: readonly string[],
): Promise<readonly string[]> {
  const asked = new Set(
    hosts.slice(0, HOSTS_MAX).flatMap((host) => [host, host.split(".").slice(-2).join(".")]),
  );
  const found = await Promise.all(
    lists.flatMap((list) =>
      [...asked].map(async (host) => {
        const answer = await resolver.lookup(`${host}.${list}`, "A");
        if (answer.kind !== "records") return [];
        const isListed = answer.records.some(
          (record) => record.type === "A" && LISTED.test(record.address),
        );
        return isListed ? [`${host} (${list})`] : [];
      }),
    ),
  );
  return found.flat();
}
