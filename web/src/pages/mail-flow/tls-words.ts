import { texts } from "./connector-texts.ts";

/** What a send connector says of TLS. */
export type SendTls = Readonly<Record<string, unknown>>;

/** Whether and how it insists on encryption, as one would say it. */
export function describeTls(connector: SendTls): string {
  if (connector["RequireTLS"] !== true) {
    return connector["IgnoreSTARTTLS"] === true ? texts.tlsOff : texts.tlsOpportunistic;
  }
  switch (connector["TlsAuthLevel"]) {
    case "DomainValidation": {
      const name = connector["TlsDomain"];
      return typeof name === "string" && name !== "" ? texts.tlsDomain(name) : texts.tlsDomainOwn;
    }
    case "CertificateValidation":
      return texts.tlsValid;
    default:
      return texts.tlsRequired;
  }
}

/** The same in a word. */
export function shortTls(connector: SendTls): string {
  if (connector["RequireTLS"] === true) return texts.shortEnforced;
  return connector["IgnoreSTARTTLS"] === true ? texts.shortOff : texts.shortOpportunistic;
}
