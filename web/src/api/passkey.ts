import { CmdletFault } from "./cmdlet-fault.ts";

/** Whether this browser, at this address, has passkeys; an IP has none (WebAuthn §5.1.3). */
export function hasPasskeys(): boolean {
  const isAddress = /^[\d.]+$|^\[/.test(window.location.hostname);
  return !isAddress && "PublicKeyCredential" in window && "credentials" in navigator;
}

/** Makes a passkey as the server asks for it; resolves with what the server is to be sent. */
export async function createPasskey(options: PublicKeyCredentialCreationOptionsJSON) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return asked(() => navigator.credentials.create({ publicKey }));
}

/** Lets the reader show a passkey; resolves with what the server is to be sent. */
export async function getPasskey(options: PublicKeyCredentialRequestOptionsJSON) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return asked(() => navigator.credentials.get({ publicKey }));
}

async function asked(ask: () => Promise<Credential | null>): Promise<object> {
  let credential: Credential | null;
  try {
    credential = await ask();
  } catch (error) {
    throw new CmdletFault({ code: "passkey", message: wordsFor(error) });
  }
  if (credential instanceof PublicKeyCredential) return credential.toJSON();
  throw new CmdletFault({ code: "passkey", message: "The browser has given no passkey." });
}

/** Browsers say little on purpose: a page must not learn which passkeys there are. */
function wordsFor(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (name === "InvalidStateError") return "This device has a passkey for this account already.";
  if (name === "SecurityError") {
    return "The browser allows no passkeys here: the certificate must be one that it trusts.";
  }
  return "No passkey was shown: it was cancelled, took too long, or there is none for this server.";
}
