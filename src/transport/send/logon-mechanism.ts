import { unreachable } from "../../base/assert.ts";
import { fault, ok, type Result } from "../../base/result.ts";
import type { SendConnector } from "../../org/organization.ts";
import type { MechanismName } from "../../sasl/mechanism.ts";
import type { TlsFacts } from "../../smtp/session-handler.ts";

/** Strongest first; what tells the password to the server comes last. */
const PASSWORD: readonly MechanismName[] = [
  "SCRAM-SHA-256-PLUS",
  "SCRAM-SHA-1-PLUS",
  "SCRAM-SHA-256",
  "SCRAM-SHA-1",
  "PLAIN",
  "LOGIN",
];

/**
 * The mechanism to log on with, the best of those that connector and server both know, or why there
 * is none. In clear only BasicAuth and Ntlm log on: all else would give the secret away.
 */
export function selectMechanism(
  connector: Pick<SendConnector, "smartHostAuthMechanism">,
  offer: { readonly mechanisms: readonly string[]; readonly tls: TlsFacts | undefined },
): Result<MechanismName, string> {
  const setting = connector.smartHostAuthMechanism;
  const known = knownMechanisms(setting);
  const hasTls = offer.tls !== undefined;
  if (!hasTls && setting !== "BasicAuth" && setting !== "Ntlm") {
    return fault(`${setting} needs TLS, and the session has none; set requireTLS: true to see why`);
  }
  const usable = known.find(
    (name) => offer.mechanisms.includes(name) && (!name.endsWith("-PLUS") || canBind(offer.tls)),
  );
  if (usable !== undefined) return ok(usable);
  const wanted = known.filter((name) => !name.endsWith("-PLUS")).join(", ");
  if (offer.mechanisms.length === 0) {
    const cure = hasTls ? "it wants no logon, or another port" : "it may offer AUTH over TLS only";
    return fault(`no AUTH is offered where ${setting} needs ${wanted}; ${cure}`);
  }
  const offered = offer.mechanisms.slice(0, OFFERED_SHOWN_MAX).join(", ");
  return fault(`${offered} is offered where ${setting} needs ${wanted}; change either side`);
}

const OFFERED_SHOWN_MAX = 12;

function knownMechanisms(
  setting: SendConnector["smartHostAuthMechanism"],
): readonly MechanismName[] {
  switch (setting) {
    case "BasicAuth":
    case "BasicAuthRequireTLS":
      return PASSWORD;
    case "OAuth":
      return ["XOAUTH2", "OAUTHBEARER"];
    case "Ntlm":
      return ["NTLM"];
    case "Certificate":
      return ["EXTERNAL"];
    case "None":
    case "ExternalAuthoritative":
      return [];
    default:
      return unreachable(setting);
  }
}

/** Only by what every server with TLS 1.3 binds to (RFC 9266 §1); below it, each has its own. */
function canBind(tls: TlsFacts | undefined): boolean {
  return tls?.channelBinding?.("tls-exporter") !== undefined;
}
