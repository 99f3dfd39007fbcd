/** Words that are written in capitals, as everybody knows them. */
const ACRONYMS = new Set(
  (
    "acme arc ca cn cpu dane dkim dmarc dns dsn ehlo fqdn gssapi helo http https id ip lmtp mime " +
    "mta mx ndr ntlm oidc ptr rsa scl smtp smtputf8 spf srs sts tls totp ttl url utc verp"
  ).split(" "),
);

/** `MaxMessageSize` as one reads it: `Max message size`; `RequireTls`: `Require TLS`. */
export function labelOf(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(" ")
    .map((word, at) => {
      if (ACRONYMS.has(word.toLowerCase())) return word.toUpperCase();
      return at > 0 && /^[A-Z][a-z]/.test(word) ? word.toLowerCase() : word;
    });
  return words.join(" ");
}

/** What the server says of a parameter, without its name in front: the field has a label. */
export function faultAt(name: string, message: string): string {
  const prefix = `-${name}: `;
  return message.startsWith(prefix) ? message.slice(prefix.length) : message;
}
