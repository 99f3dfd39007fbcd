/** One way of asking a server to pass mail on for a stranger. */
export interface RelayTrick {
  /** What is in `MAIL FROM:<>`. */
  readonly sender: string;
  /** What is in `RCPT TO:<>`, or after it where it stands without brackets. */
  readonly recipient: string;
  readonly what: string;
}

/** Where the tricks would have the mail go: names that nobody can have (RFC 2606 §2). */
const STRANGER = "relay-test@elsewhere.invalid";
const USER = "relay-test";
const ELSEWHERE = "elsewhere.invalid";

/**
 * The classic tricks against `domain` of ours, whose server has that address: senders that look
 * like ours, source routes, percent and bang paths, quotes, and addresses without a domain
 * (RFC 5321 §7.1 and Appendix F.2 say why servers must not fall for them).
 */
export function relayTricks(domain: string, serverAddress: string): readonly RelayTrick[] {
  const literal = serverAddress.includes(":") ? `[IPv6:${serverAddress}]` : `[${serverAddress}]`;
  const recipient = STRANGER;
  const sender = `antispam@${ELSEWHERE}`;
  return [
    { sender, recipient, what: "a stranger for a stranger" },
    { sender: "", recipient, what: "the null sender" },
    { sender: `antispam@${domain}`, recipient, what: "a sender that looks like ours" },
    { sender: `antispam@${literal}`, recipient, what: "a sender at our address" },
    { sender, recipient: `${USER}%${ELSEWHERE}@${domain}`, what: "percent path by our domain" },
    { sender, recipient: `${USER}%${ELSEWHERE}@${literal}`, what: "percent path by our address" },
    { sender, recipient: `"${STRANGER}"`, what: "quoted, without a domain" },
    { sender, recipient: `"${USER}%${ELSEWHERE}"`, what: "quoted percent path" },
    { sender, recipient: `${STRANGER}@${domain}`, what: "two at signs" },
    { sender, recipient: `"${STRANGER}"@${domain}`, what: "quoted, at our domain" },
    { sender, recipient: `${STRANGER}@${literal}`, what: "two at signs, our address" },
    { sender, recipient: `@${domain}:${STRANGER}`, what: "source route by our domain" },
    { sender, recipient: `@${literal}:${STRANGER}`, what: "source route by our address" },
    { sender, recipient: `${ELSEWHERE}!${USER}`, what: "bang path" },
    { sender, recipient: `${ELSEWHERE}!${USER}@${domain}`, what: "bang path at our domain" },
    { sender, recipient: `${ELSEWHERE}!${USER}@${literal}`, what: "bang path at our address" },
    { sender, recipient: `${USER}%${ELSEWHERE}`, what: "percent path without a domain" },
  ];
}
