import { createHash } from "node:crypto";
import { encodeUtf8, equalInConstantTime } from "./sasl-text.ts";

/** Two addresses, each with type and length 0: only the application data counts. */
const ADDRESSES_BYTES = 16;

/**
 * What NTLM carries of a channel (MsvAvChannelBindings, MS-NLMP §2.2.2.1): MD5 of the GSS-API's
 * structure (RFC 2744 §3.11) with `tls-server-end-point:` and the certificate's hash. Zeros where
 * there is no such channel.
 */
export function ntlmChannelBindings(serverEndPoint: Uint8Array | undefined): Buffer {
  if (serverEndPoint === undefined) return Buffer.alloc(16);
  return hashChannelBindings(Buffer.concat([encodeUtf8("tls-server-end-point:"), serverEndPoint]));
}

/** The hash over any application data. */
export function hashChannelBindings(applicationData: Uint8Array): Buffer {
  const head = Buffer.alloc(ADDRESSES_BYTES + 4);
  head.writeUInt32LE(applicationData.length, ADDRESSES_BYTES);
  return createHash("md5").update(head).update(applicationData).digest();
}

/**
 * What is wrong with the channel that the client says it is on; `undefined`: nothing.
 * @param said the client's pair, protected by its proof; `undefined`: it knows no bindings
 */
export function judgeChannel(
  said: Buffer | undefined,
  facts: {
    readonly policy: "None" | "Allow" | "Require";
    readonly serverEndPoint: Uint8Array | undefined;
  },
): string | undefined {
  if (facts.policy === "None") return undefined;
  if (said === undefined || said.every((byte) => byte === 0)) {
    return facts.policy === "Allow"
      ? undefined
      : "not bound to the channel, as Extended Protection requires";
  }
  // Without TLS here, a client that sees TLS talks to somebody who passes its words on.
  const isOurs =
    facts.serverEndPoint !== undefined &&
    equalInConstantTime(said, ntlmChannelBindings(facts.serverEndPoint));
  return isOurs ? undefined : "bound to another channel: somebody may be in between";
}
