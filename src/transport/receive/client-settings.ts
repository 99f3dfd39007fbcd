import type { Organization, ReceiveConnector } from "../../org/organization.ts";
import type { Reply } from "../../smtp/reply.ts";
import { admitsUsers } from "./rights.ts";

/** Doors named in one reply: whoever has more does not want them all told. */
const TOLD_MAX = 5;

/** `mail.contoso.test:587 (STARTTLS)` for each of its ports. */
function settingsOf(connector: ReceiveConnector): readonly string[] {
  const host = connector.serviceDiscoveryFqdn ?? connector.fqdn;
  const startTls = connector.authMechanism.includes("Tls") ? " (STARTTLS)" : "";
  const channel = connector.implicitTlsEnabled ? " (TLS)" : startTls;
  return connector.bindings.map(({ port }) => `${host}:${port}${channel}`);
}

/**
 * The refusal with a line that says where to log on, when connectors with AdvertiseClientSettings
 * are there: Exchange shows them in webmail, we to the program that has come to the wrong door.
 */
export function withClientSettings(
  refusal: Reply,
  { receiveConnectors }: Pick<Organization, "receiveConnectors">,
): Reply {
  const told = new Set(
    receiveConnectors
      .filter((connector) => connector.enabled && connector.advertiseClientSettings)
      .filter(admitsUsers)
      .flatMap(settingsOf),
  );
  if (told.size === 0) return refusal;
  const doors = [...told].slice(0, TOLD_MAX).join(", ");
  return { ...refusal, lines: [...refusal.lines, `Log on at ${doors}`] };
}
