import { assert } from "../base/assert.ts";
import { parseAddress } from "../mail/address.ts";
import type { SessionOptions } from "./session-handler.ts";

const POSTMASTER = parseAddress("postmaster@contoso.test", { smtpUtf8: false });
assert(POSTMASTER !== undefined, "a well-formed address");

/** Everything on but TLS, no tarpit: what a test then changes. */
export const FAKE_SESSION_OPTIONS: SessionOptions = {
  fqdn: "mail.contoso.test",
  banner: "mail.contoso.test ESMTP ready",
  postmasterAddress: POSTMASTER,
  extensions: {
    size: "Enabled",
    pipelining: true,
    dsn: true,
    enhancedStatusCodes: true,
    eightBitMime: true,
    binaryMime: true,
    chunking: true,
    smtpUtf8: true,
    limits: true,
    requireTls: false,
    longAddresses: false,
    orar: false,
    xclient: false,
  },
  startTls: false,
  requireTls: false,
  requireEhloDomain: false,
  messageBytesMax: 37_748_736,
  recipientsMax: 200,
  protocolErrorsMax: 5,
  idleTimeoutMs: 300_000,
  sessionTimeoutMs: 600_000,
  tarpitMs: 0,
  authMechanisms: { clear: [], encrypted: [] },
  logonFailuresMax: 3,
  authTarpitMs: 0,
  bareLineFeed: "reject",
};
