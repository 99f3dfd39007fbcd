import { hash, randomBytes } from "node:crypto";
import type { JWTPayload } from "jose";
import type { Diagnostics } from "../base/diagnostics.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { MINUTE } from "../base/units.ts";
import type { AuditEntry } from "../cmdlet/execution.ts";
import type { AdminSignIn } from "../org/access-settings.ts";
import type { AdministratorRow } from "../store/access-store.ts";
import { accountNameProblem } from "./account-name.ts";
import { type Administrators, knownRoleGroups } from "./administrators.ts";
import { Challenges } from "./challenges.ts";
import { OpenIdProvider, type OpenIdProviderParts } from "./open-id-provider.ts";

/** How long somebody may take with his provider. */
const ATTEMPT_MS = 10 * MINUTE;
const NAME_CHARACTERS_MAX = 64;
const SUBJECT_CHARACTERS_MAX = 500;
/** Groups that are looked at; a token has hardly more. */
const GROUPS_MAX = 2000;

/** Why nobody came in; words for a page are made of it. */
export type OpenIdProblem =
  /** The provider is not to be had, or not as it is configured. */
  | "unavailable"
  /** He has said no, or the administrator has. */
  | "refused"
  /** The attempt is not one of this browser, or too old. */
  | "expired"
  /** What he has sent cannot be believed. */
  | "invalid"
  /** None of the groups gives a role group. */
  | "no-role"
  /** The name cannot be one here, or is that of somebody else. */
  | "name"
  /** He is not enabled. */
  | "disabled";

/** What signing in by way of another provider needs. */
export interface OpenIdSignInParts extends OpenIdProviderParts {
  /** As they are now; `undefined`: there is no such way. */
  readonly settings: () => AdminSignIn | undefined;
  /** Opens what is sealed; `undefined`: another key has sealed it. */
  readonly openSecret: (sealed: string) => string | undefined;
  readonly administrators: Administrators;
  readonly diagnostics: Diagnostics;
  /** Durable once it has resolved. */
  readonly audit: (entry: AuditEntry) => Promise<void>;
}

/** What the provider's answer brings back. */
export interface OpenIdAnswer {
  readonly state: string;
  readonly code: string;
  /** What the browser has kept. */
  readonly binding: string;
  /** Where the provider has led it. */
  readonly redirectUri: string;
  readonly address: string;
}

/** The organization's own sign-in: OpenID Connect with code, PKCE, state and nonce. */
export class OpenIdSignIn {
  readonly #parts: OpenIdSignInParts;
  readonly #provider: OpenIdProvider;
  readonly #attempts: Challenges;

  constructor(parts: OpenIdSignInParts) {
    this.#parts = parts;
    this.#provider = new OpenIdProvider(parts);
    this.#attempts = new Challenges(parts.clock, ATTEMPT_MS);
  }

  /** What it is called, and whether it is the only way in over the network. */
  facts(): { readonly name: string; readonly isOnlyWay: boolean } | undefined {
    const settings = this.#parts.settings();
    return settings && { name: settings.name, isOnlyWay: settings.only };
  }

  /** Where to lead the browser, and what it is to keep until it comes back. */
  async begin(want: {
    readonly redirectUri: string;
    readonly to: string;
  }): Promise<Result<{ readonly url: string; readonly binding: string }, OpenIdProblem>> {
    const settings = this.#parts.settings();
    if (settings === undefined) return fault("unavailable");
    const { issuer, clientId, scopes } = settings;
    const found = await this.#provider.endpoints(issuer);
    if (!found.ok) return this.#fail("unavailable", found.fault);
    const { redirectUri, to } = want;
    const secret = randomBytes(32).toString("base64url");
    const { nonce, verifier } = partsOf(secret);
    const state = this.#attempts.make([issuer, secret, to]);
    const url = new URL(found.value.authorization);
    const query = {
      response_type: "code",
      client_id: clientId,
      redirect_uri: redirectUri,
      scope: ["openid", ...scopes.filter((scope) => scope !== "openid")].join(" "),
      state,
      nonce,
      code_challenge: hash("sha256", verifier, "base64url"),
      code_challenge_method: "S256",
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return ok({ url: url.href, binding: `${secret}.${Buffer.from(to).toString("base64url")}` });
  }

  /** Who has come back from the provider, and where he wanted to go. Rejects with StoreFailure. */
  async finish(
    answer: OpenIdAnswer,
  ): Promise<Result<{ readonly row: AdministratorRow; readonly to: string }, OpenIdProblem>> {
    const settings = this.#parts.settings();
    if (settings === undefined) return fault("expired");
    const { state, code, binding, redirectUri } = answer;
    const [secret = "", target = ""] = binding.split(".");
    const to = Buffer.from(target, "base64url").toString("utf8");
    if (!this.#attempts.isOpen(state, [settings.issuer, secret, to])) return fault("expired");
    // Who says no sends no code.
    if (code === "") return fault("refused");
    const clientSecret = this.#parts.openSecret(settings.clientSecret);
    if (clientSecret === undefined) {
      return this.#fail("unavailable", "clientSecret was sealed with another key; set it anew");
    }
    const { nonce, verifier } = partsOf(secret);
    const grant = { code, verifier, redirectUri, clientSecret };
    const token = await this.#provider.redeem(settings, grant);
    if (!token.ok) return this.#fail("unavailable", token.fault);
    const { issuer, clientId } = settings;
    const claims = await this.#provider.verify(token.value, { issuer, clientId, nonce });
    if (!claims.ok) return this.#fail("invalid", claims.fault);
    if (!this.#attempts.answer(state)) return fault("expired");
    const row = await this.#admit(claims.value, { settings, address: answer.address });
    return row.ok ? ok({ row: row.value, to }) : row;
  }

  async #admit(
    claims: JWTPayload,
    { settings, address }: { readonly settings: AdminSignIn; readonly address: string },
  ): Promise<Result<AdministratorRow, OpenIdProblem>> {
    const { sub } = claims;
    if (sub === undefined || sub === "" || sub.length > SUBJECT_CHARACTERS_MAX) {
      return this.#fail("invalid", "claim sub is none");
    }
    const given = rolesOf(claims, settings);
    const roleGroups = knownRoleGroups(given);
    // What is written wrong in the settings gives nothing, and looks as if it did.
    const unknown = given.filter((role) => !roleGroups.some((known) => known === role));
    if (unknown.length > 0) {
      this.#parts.diagnostics.warn("organization-role-group-unknown", { roleGroups: unknown });
    }
    if (roleGroups.length === 0) return this.#fail("no-role", "no group gives a role group");
    const externalId = `${settings.issuer}#${sub}`;
    const { rows } = this.#parts.administrators;
    const known = rows.all().find((row) => row.externalId === externalId);
    const name = known?.name ?? claimedName(claims, settings);
    if (name === undefined) return this.#fail("name", `claim ${settings.nameClaim} is no name`);
    const nowMs = this.#parts.clock.nowMs();
    let problem: OpenIdProblem | undefined;
    let row: AdministratorRow | undefined;
    await rows.change(name, (before) => {
      // Whoever may choose his name at the provider is not who has it here.
      if (before !== undefined && before.externalId !== externalId) problem = "name";
      else if (before?.isEnabled === false) problem = "disabled";
      if (problem !== undefined) return before;
      const own = before ?? newRow(name, { externalId, nowMs });
      row = { ...own, roleGroups, lastLogonMs: nowMs };
      return row;
    });
    if (row === undefined) return this.#fail(problem ?? "name", `${name} is ${problem}`);
    if (known === undefined) await this.#recordNew(row, address);
    return ok(row);
  }

  #recordNew({ name, roleGroups, externalId }: AdministratorRow, address: string): Promise<void> {
    return this.#parts.audit({
      atMs: this.#parts.clock.nowMs(),
      caller: { name, roleGroups: [], via: "link", address },
      cmdlet: "New-Administrator",
      parameters: { Name: name, RoleGroups: roleGroups, ExternalId: externalId },
      succeeded: true,
      error: undefined,
      changes: [],
    });
  }

  #fail(problem: OpenIdProblem, reason: string): Result<never, OpenIdProblem> {
    this.#parts.diagnostics.warn("organization-sign-in-failed", { problem, reason });
    return fault(problem);
  }
}

/** What comes of the secret that a browser keeps for its attempt; nothing of it is kept here. */
function partsOf(secret: string): { readonly nonce: string; readonly verifier: string } {
  const derive = (what: string) => hash("sha256", `${what} ${secret}`, "base64url");
  // PKCE's (RFC 7636 §4.1) leaves the server only once the provider has led back.
  return { nonce: derive("nonce"), verifier: derive("verifier") };
}

/** What the settings give to all of his groups; `*` is everybody who can sign in there. */
function rolesOf(claims: JWTPayload, settings: AdminSignIn): readonly string[] {
  const claim = claims[settings.groupsClaim];
  const list: readonly unknown[] = Array.isArray(claim) ? claim.slice(0, GROUPS_MAX) : [claim];
  const groups = new Set(list.filter((group) => typeof group === "string"));
  return settings.roleGroups.flatMap((line) => {
    const at = line.lastIndexOf("=");
    const group = line.slice(0, at).trim();
    return group === "*" || groups.has(group) ? [line.slice(at + 1).trim()] : [];
  });
}

function claimedName(claims: JWTPayload, { nameClaim }: AdminSignIn): string | undefined {
  const name = claims[nameClaim];
  if (typeof name !== "string" || name.length > NAME_CHARACTERS_MAX) return undefined;
  // An address that its provider has not verified is one that anybody can claim.
  if (nameClaim === "email" && claims["email_verified"] !== true) return undefined;
  return accountNameProblem(name) === undefined ? name : undefined;
}

function newRow(
  name: string,
  { externalId, nowMs }: { readonly externalId: string; readonly nowMs: number },
): AdministratorRow {
  return {
    name,
    // Without one nobody logs in by password.
    passwordHash: "",
    totpSecret: "",
    isTotpEnabled: false,
    totpCounter: 0,
    recoveryCodes: [],
    passkeys: [],
    externalId,
    roleGroups: [],
    isEnabled: true,
    createdMs: nowMs,
    passwordSetMs: nowMs,
    lastLogonMs: 0,
  };
}
