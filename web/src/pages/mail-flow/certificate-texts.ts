import { plural, textsOf } from "../../base/texts.ts";

const en = {
  title: "Certificates",
  about:
    "What the server proves itself with. Connectors choose one by their names, unless one is " +
    "assigned to them.",
  newSelfSigned: "New self-signed",
  none: "No certificate yet",
  noneHint:
    "Without one there is no TLS. Request or import one, let it be fetched automatically " +
    "(ACME), or make one for a test.",
  name: "Name",
  domains: "Names",
  status: "Status",
  until: "Good until",
  usedBy: "Used by",
  nobody: "nobody",
  expiresIn: (days: number) => `Expires in ${plural(days, "day", "days")}`,
  valid: "Valid",
  expiresSoon: "Expires soon",
  expired: "Expired",
  notYetValid: "Not yet valid",
  pendingRequest: "Waits for the authority",
  selfSigned: "Nobody vouches for it: other servers cannot verify it.",
  pending:
    "Its key waits here. Send the request to your authority and import its answer under this name.",
  request: "Request a certificate",
  requestHint:
    "The server makes a key that never leaves it, and a request for an authority. Import the " +
    "answer under the same name.",
  requestDone:
    "Send this to your authority. When its answer has come, import it under the same name.",
  requestText: "Request (PEM)",
  makeRequest: "Make the request",
  import: "Import a certificate",
  importAnswer: "Import the answer",
  importHint: "A PFX file, or PEM with the chain. The key may be in a file of its own.",
  importVerb: "Import",
  file: "Certificate (PFX or PEM)",
  keyFile: "Private key (PEM), when it is in a file of its own",
  passphrase: "Passphrase of the PFX or key, if it has one",
  nameHint: "Letters, digits, dots and hyphens. A certificate of that name is replaced.",
  domainHint: "DNS names that it is for, one per line; the first is its subject.",
  assign: "Assign to connectors",
  assignHint:
    "They show this certificate and no other, and the one that replaces it after a renewal.",
  receive: "Receive connectors",
  send: "Send connectors, to next hops that ask for one",
  assignVerb: "Assign",
  acme: "Automatic certificates (ACME)",
  acmeShort: "Automatic (ACME)",
  acmeAbout:
    "The server gets its certificate from an authority by itself (ACME, as Let's Encrypt has " +
    "it) and renews it in time.",
  acmeState: "How far it is",
  acmeTry: "Try now",
  acmeOff: "Off: there are no settings yet.",
  acmeTerms: "The authority's terms are not agreed to.",
  acmeScheduled: "All is well; there is nothing to do before the next try.",
  acmeRunning: (step: string) => `Under way: it ${step || "begins"}.`,
  acmeFailed: (count: number) => `Failed, ${plural(count, "time", "times")} in a row.`,
  close: "Close",
  cancel: "Cancel",
};

/** Texts of the pages of certificates. */
export const texts = textsOf("mail-flow/certificate", en);
