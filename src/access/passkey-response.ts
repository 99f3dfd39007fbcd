import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";

/** Characters of a credential id, base64url (WebAuthn §4: at most 1023 bytes). */
const ID_CHARACTERS_MAX = 1364;
/** Characters of any other part; an attestation, which nobody has asked for, may be long. */
const PART_CHARACTERS_MAX = 32 * 1024;
const TRANSPORTS_MAX = 8;

/** What `navigator.credentials.create` has given a page, as JSON; `undefined`: that is none. */
export function readRegistration(value: unknown): RegistrationResponseJSON | undefined {
  const { id, response } = readCredential(value) ?? {};
  const clientDataJSON = readPart(response?.["clientDataJSON"]);
  const attestationObject = readPart(response?.["attestationObject"]);
  if (id === undefined || clientDataJSON === undefined || attestationObject === undefined) {
    return undefined;
  }
  const transports = readTransports(response?.["transports"]);
  return { ...whole(id), response: { clientDataJSON, attestationObject, transports } };
}

/** What `navigator.credentials.get` has given a page, as JSON; `undefined`: that is none. */
export function readAssertion(value: unknown): AuthenticationResponseJSON | undefined {
  const { id, response } = readCredential(value) ?? {};
  const clientDataJSON = readPart(response?.["clientDataJSON"]);
  const authenticatorData = readPart(response?.["authenticatorData"]);
  const signature = readPart(response?.["signature"]);
  // A passkey says whose it is (WebAuthn §7.2): nobody has given a name here.
  const userHandle = readPart(response?.["userHandle"]);
  if (id === undefined || clientDataJSON === undefined) return undefined;
  if (authenticatorData === undefined || signature === undefined || userHandle === undefined) {
    return undefined;
  }
  return { ...whole(id), response: { clientDataJSON, authenticatorData, signature, userHandle } };
}

function whole(id: string) {
  return { id, rawId: id, type: "public-key", clientExtensionResults: {} } as const;
}

type JsonMap = Readonly<Record<string, unknown>>;

function readCredential(
  value: unknown,
): { readonly id: string; readonly response: JsonMap } | undefined {
  if (!isMap(value) || value["type"] !== "public-key") return undefined;
  const { id, response } = value;
  const isId = typeof id === "string" && id.length <= ID_CHARACTERS_MAX && isBase64Url(id);
  return isId && isMap(response) ? { id, response } : undefined;
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readPart(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > PART_CHARACTERS_MAX) return undefined;
  return isBase64Url(value) ? value : undefined;
}

function isBase64Url(text: string): boolean {
  return /^[\w-]+$/.test(text);
}

/** Hints for the browser: words that are none are left out. */
function readTransports(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value
    .filter((one): one is string => typeof one === "string" && /^[a-z-]{1,20}$/.test(one))
    .slice(0, TRANSPORTS_MAX);
}
