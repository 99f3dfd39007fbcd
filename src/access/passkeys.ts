import { hash } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { MINUTE } from "../base/units.ts";
import type { AuditEntry } from "../cmdlet/execution.ts";
import type { AdministratorRow, PasskeyRow } from "../store/access-store.ts";
import { type Administrators, knownRoleGroups } from "./administrators.ts";
import { Challenges } from "./challenges.ts";
import { readAssertion, readRegistration } from "./passkey-response.ts";

/** Passkeys of one administrator. */
export const PASSKEYS_MAX = 20;
/** How long somebody may take to touch his authenticator. */
const ANSWER_MS = 5 * MINUTE;
/** Of what its owner calls one. */
const NAME_CHARACTERS_MAX = 64;

/** The page that asks for a passkey. */
export interface PasskeySite {
  /** The host in its address, without port: what a passkey is tied to (WebAuthn's RP ID). */
  readonly host: string;
  readonly origin: string;
}

/** Why a passkey was not taken. */
export type PasskeyProblem =
  /** The browser shows this server under a name that passkeys cannot be tied to. */
  | { readonly kind: "host"; readonly message: string }
  /** It is not good, or its challenge is not; what exactly is told to diagnostics alone. */
  | { readonly kind: "refused" }
  | { readonly kind: "too-many" };

/** What passkeys are checked with. */
export interface PasskeyParts {
  readonly administrators: Administrators;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** The server's name. */
  readonly serverName: () => string;
  /** Durable once it has resolved. */
  readonly audit: (entry: AuditEntry) => Promise<void>;
}

/** Whose passkey has been shown, and which. */
export interface ShownPasskey {
  readonly row: AdministratorRow;
  readonly id: string;
}

/** Passkeys (WebAuthn level 3): made, and used to sign in without a name. */
export class Passkeys {
  readonly #parts: PasskeyParts;
  readonly #challenges: Challenges;

  constructor(parts: PasskeyParts) {
    this.#parts = parts;
    this.#challenges = new Challenges(parts.clock, ANSWER_MS);
  }

  /** The site that a browser shows, by its header Host. */
  siteOf(hostHeader: string): Result<PasskeySite, PasskeyProblem> {
    const own = this.#parts.serverName().toLowerCase();
    const shown = hostHeader.toLowerCase();
    const host = shown.replace(/:\d{1,5}$/, "");
    if (host === own || host === "localhost") return ok({ host, origin: `https://${shown}` });
    const message =
      `passkeys are tied to the name in the address: open this page as https://${own}/… ` +
      "(an IP address or another name does not do)";
    return fault({ kind: "host", message });
  }

  /** What `navigator.credentials.create` takes, as JSON. */
  async beginRegistration(
    row: AdministratorRow,
    { host }: PasskeySite,
  ): Promise<Result<object, PasskeyProblem>> {
    if (row.passkeys.length >= PASSKEYS_MAX) return fault({ kind: "too-many" });
    const { generateRegistrationOptions } = await import("@simplewebauthn/server");
    const options = await generateRegistrationOptions({
      challenge: this.#challenges.make(registrationOf(row, host)),
      rpName: `Postrider ${this.#parts.serverName()}`,
      rpID: host,
      userName: row.name,
      userDisplayName: row.name,
      userID: userHandle(row),
      attestationType: "none",
      timeout: ANSWER_MS,
      excludeCredentials: row.passkeys
        .filter((one) => one.host === host)
        .map(({ id, transports }) => ({ id, transports: [...transports] })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
    return ok(options);
  }

  /** Checks and stores what the browser has made. Rejects with StoreFailure. */
  async register(
    row: AdministratorRow,
    made: {
      readonly site: PasskeySite;
      readonly response: unknown;
      readonly name: string;
      readonly address: string;
    },
  ): Promise<Result<PasskeyRow, PasskeyProblem>> {
    const { site } = made;
    const response = readRegistration(made.response);
    if (response === undefined) return this.#refuse("it is no registration");
    const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
    const asked = this.#expect(registrationOf(row, site.host));
    let passkey: PasskeyRow;
    try {
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response,
        expectedChallenge: asked.isOpen,
        expectedOrigin: site.origin,
        expectedRPID: site.host,
        requireUserVerification: true,
      });
      if (!verified || !asked.answer()) return this.#refuse("it is not verified");
      const { credential } = registrationInfo;
      passkey = {
        id: credential.id,
        publicKey: Buffer.from(credential.publicKey).toString("base64url"),
        counter: credential.counter,
        transports: response.response.transports ?? [],
        host: site.host,
        name: passkeyName(made.name),
        createdMs: this.#parts.clock.nowMs(),
        lastUsedMs: 0,
      };
    } catch (error) {
      return this.#refuse(error);
    }
    return this.#keep(row, { passkey, address: made.address });
  }

  async #keep(
    { name }: AdministratorRow,
    { passkey, address }: { readonly passkey: PasskeyRow; readonly address: string },
  ): Promise<Result<PasskeyRow, PasskeyProblem>> {
    const { rows } = this.#parts.administrators;
    // Two owners of one id could not be told apart.
    if (this.#findOwner(passkey.id) !== undefined) return this.#refuse("its id is taken");
    let kept: AdministratorRow | undefined;
    await rows.change(name, (row) => {
      if (row?.isEnabled !== true || row.passkeys.length >= PASSKEYS_MAX) return row;
      kept = { ...row, passkeys: [...row.passkeys, passkey] };
      return kept;
    });
    if (kept === undefined) return fault({ kind: "too-many" });
    await this.#record(kept, { cmdlet: "New-AdministratorPasskey", passkey, address });
    return ok(passkey);
  }

  /** Gives one another name; false: he has none with that id. Rejects with StoreFailure. */
  async rename(
    { name: owner }: AdministratorRow,
    change: { readonly id: string; readonly name: string; readonly address: string },
  ): Promise<boolean> {
    let renamed: { readonly row: AdministratorRow; readonly passkey: PasskeyRow } | undefined;
    await this.#parts.administrators.rows.change(owner, (row) => {
      const before = row?.passkeys.find(({ id }) => id === change.id);
      if (row === undefined || before === undefined) return row;
      const passkey = { ...before, name: passkeyName(change.name) };
      renamed = { row, passkey };
      return { ...row, passkeys: row.passkeys.map((one) => (one === before ? passkey : one)) };
    });
    if (renamed === undefined) return false;
    const { row, passkey } = renamed;
    const { address } = change;
    await this.#record(row, { cmdlet: "Set-AdministratorPasskey", passkey, address });
    return true;
  }

  /** What `navigator.credentials.get` takes, as JSON. */
  async beginSignIn({ host }: PasskeySite): Promise<object> {
    const { generateAuthenticationOptions } = await import("@simplewebauthn/server");
    return generateAuthenticationOptions({
      challenge: this.#challenges.make(signInAt(host)),
      rpID: host,
      timeout: ANSWER_MS,
      userVerification: "required",
    });
  }

  /** Who has shown a passkey; that he has is noted. Rejects with StoreFailure. */
  async signIn(shown: {
    readonly site: PasskeySite;
    readonly response: unknown;
  }): Promise<Result<ShownPasskey, PasskeyProblem & { readonly name: string }>> {
    const { site } = shown;
    const response = readAssertion(shown.response);
    if (response === undefined) return this.#refuse("it is no assertion");
    const owner = this.#findOwner(response.id);
    const passkey = owner?.passkeys.find(({ id }) => id === response.id);
    const asked = this.#expect(signInAt(site.host));
    if (owner === undefined || passkey === undefined) return this.#refuse("nobody has it");
    const name = owner.name;
    const handle = Buffer.from(userHandle(owner)).toString("base64url");
    if (response.response.userHandle !== handle) return this.#refuse("it is another one's", name);
    if (!owner.isEnabled) return this.#refuse("its owner is not enabled", name);
    if (passkey.host !== site.host) return this.#refuse("it is for another host", name);
    const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
    try {
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response,
        expectedChallenge: asked.isOpen,
        expectedOrigin: site.origin,
        expectedRPID: site.host,
        credential: {
          id: passkey.id,
          publicKey: new Uint8Array(Buffer.from(passkey.publicKey, "base64url")),
          counter: passkey.counter,
        },
        requireUserVerification: true,
      });
      // Who cannot sign uses up nothing: what is remembered is of those who can.
      if (!verified || !asked.answer()) return this.#refuse("its signature is wrong", name);
      const admitted = await this.#use(owner, { passkey, counter: authenticationInfo.newCounter });
      if (admitted === undefined) return this.#refuse("it has been copied", name);
      return ok({ row: admitted, id: passkey.id });
    } catch (error) {
      if (error instanceof Error && error.name === "StoreFailure") throw error;
      return this.#refuse(error, name);
    }
  }

  /** The challenge of an answer, once it has been read. */
  #expect(about: readonly string[]) {
    let shown = "";
    return {
      isOpen: (challenge: string) => {
        shown = Buffer.from(challenge, "base64url").toString("utf8");
        return this.#challenges.isOpen(shown, about);
      },
      answer: () => this.#challenges.answer(shown),
    };
  }

  /** A counter that has not grown is that of a copy (WebAuthn §6.1.1); many have none. */
  async #use(
    owner: AdministratorRow,
    { passkey, counter }: { readonly passkey: PasskeyRow; readonly counter: number },
  ): Promise<AdministratorRow | undefined> {
    let admitted: AdministratorRow | undefined;
    const nowMs = this.#parts.clock.nowMs();
    await this.#parts.administrators.rows.change(owner.name, (row) => {
      const now = row?.passkeys.find(({ id }) => id === passkey.id);
      if (row?.isEnabled !== true || now === undefined) return row;
      if (counter <= now.counter && (counter !== 0 || now.counter !== 0)) return row;
      const used = { ...now, counter, lastUsedMs: nowMs };
      const passkeys = row.passkeys.map((one) => (one === now ? used : one));
      admitted = { ...row, passkeys, lastLogonMs: nowMs };
      return admitted;
    });
    return admitted;
  }

  #findOwner(id: string): AdministratorRow | undefined {
    const all = this.#parts.administrators.rows.all();
    return all.find(({ passkeys }) => passkeys.some((one) => one.id === id));
  }

  #refuse(
    why: unknown,
    name = "",
  ): Result<never, { readonly kind: "refused"; readonly name: string }> {
    const reason = why instanceof Error ? why.message : String(why);
    // What the library quotes of the client's own words is cut: it may be anything.
    this.#parts.diagnostics.info("passkey-refused", { reason: reason.slice(0, 200) });
    return fault({ kind: "refused", name });
  }

  #record(
    { name, roleGroups }: AdministratorRow,
    {
      cmdlet,
      passkey,
      address,
    }: {
      readonly cmdlet: string;
      readonly passkey: PasskeyRow;
      readonly address: string;
    },
  ): Promise<void> {
    return this.#parts.audit({
      atMs: this.#parts.clock.nowMs(),
      caller: { name, roleGroups: knownRoleGroups(roleGroups), via: "session", address },
      cmdlet,
      parameters: { Identity: passkey.id, Name: passkey.name },
      succeeded: true,
      error: undefined,
      changes: [],
    });
  }
}

/** Says nothing of the administrator, and is another one's when one of the name is made anew. */
function userHandle({ name, createdMs }: AdministratorRow): Uint8Array<ArrayBuffer> {
  const text = `postrider passkeys ${createdMs} ${name.toLowerCase()}`;
  return new Uint8Array(hash("sha256", text, "buffer"));
}

function signInAt(host: string): readonly string[] {
  return ["sign-in", host];
}

/** Whoever has the name later is another one. */
function registrationOf({ name, createdMs }: AdministratorRow, host: string): readonly string[] {
  return ["registration", host, name, String(createdMs)];
}

function passkeyName(name: string): string {
  const shown = name.replaceAll(/[\p{C}\u2028\u2029]+/gu, " ").trim();
  return shown.slice(0, NAME_CHARACTERS_MAX).toWellFormed() || "Passkey";
}
