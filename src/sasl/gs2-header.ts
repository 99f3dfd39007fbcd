import type { ChannelBindingType } from "../base/channel-binding.ts";
import { isIdentity } from "./sasl-text.ts";

/** What a message of SCRAM or OAUTHBEARER begins with (RFC 5801 §4, RFC 5802 §7). */
export interface Gs2Header {
  /** `n`: the client cannot bind; `y`: could, but thinks that the server cannot; or it binds. */
  readonly flag: "n" | "y" | { readonly bindsTo: string };
  /** Whom to act as; "" for oneself. */
  readonly authorize: string;
  /** The header as it stands, with its last comma. */
  readonly text: string;
  /** What follows the header. */
  readonly rest: string;
}

// An encoded name is longer than the name; twice the longest address is more than enough.
const HEADER = /^(?:([ny])|p=([A-Za-z0-9.-]{1,64})),(?:a=([^,\0]{1,1024}))?,/;

/** Reads the header of a first message; `undefined` when there is none. */
export function parseGs2Header(message: string): Gs2Header | undefined {
  const match = HEADER.exec(message);
  if (match === null) return undefined;
  const [text, plainFlag, bindsTo, name] = match;
  const authorize = name === undefined ? "" : decodeSaslName(name);
  if (authorize === undefined || !isIdentity(authorize)) return undefined;
  const rest = message.slice(text.length);
  if (bindsTo !== undefined) return { flag: { bindsTo }, authorize, text, rest };
  return { flag: plainFlag === "y" ? "y" : "n", authorize, text, rest };
}

/** Writes the header of one who acts as himself; `flag` is `n`, `y` or a type to bind to. */
export function formatGs2Header(flag: ChannelBindingType | "n" | "y"): string {
  return `${flag === "n" || flag === "y" ? flag : `p=${flag}`},,`;
}

/** Decodes `=2C` and `=3D`; `undefined` for a comma, or any other equals sign (RFC 5802 §5.1). */
export function decodeSaslName(text: string): string | undefined {
  if (/,|=(?!2C|3D)/.test(text)) return undefined;
  return text.replaceAll("=2C", ",").replaceAll("=3D", "=");
}

/** Encodes commas and equals signs, which separate attributes (RFC 5802 §5.1). */
export function encodeSaslName(name: string): string {
  return name.replaceAll("=", "=3D").replaceAll(",", "=2C");
}
