import { textsOf } from "../../base/texts.ts";

const en = {
  area: "Mail flow",
  receiveConnectors: "Receive connectors",
  receiveWords: "incoming inbound listen port 25 587",
  sendConnectors: "Send connectors",
  sendWords: "outgoing outbound smart host partner enforced TLS relay route",
  partner: "New partner connector with enforced TLS",
  partnerWords: "partner enforce require encryption send connector mutual certificate",
  acceptedDomains: "Accepted domains",
  acceptedWords: "authoritative internal relay our domains default",
  remoteDomains: "Remote domains",
  remoteWords: "automatic forwarding delivery reports notices NDR",
  certificates: "Certificates",
  certificateWords: "TLS expiry renew import request ACME PFX",
  acme: "Automatic certificates",
  acmeWords: "ACME Let's Encrypt renew certificate authority",
  tlsPolicies: "TLS policies",
  tlsWords: "enforce encryption domain DANE MTA-STS",
  devices: "Relay for devices",
  deviceWords: "printer scanner application app password relay",
  newDevice: "Set up relay for a device",
  newDeviceWords: "printer scanner application app password relay SMTP new add",
  troubleshooter: "Troubleshooter",
  troubleshooterWords: "test connectivity defer wait why DNS connector open relay domain queue",
  transportSettings: "Transport settings",
  settingsWords: "organization limits message size retry expire safety net transport service ACME",
  throttlingPolicies: "Throttling policies",
  throttlingWords: "limits rate messages per hour user device",
};

/** Texts of the area of connectors and domains; those of its pages come with the pages. */
export const texts = textsOf("mail-flow", en);
