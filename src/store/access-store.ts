/** A passkey of an administrator: a key pair whose private half an authenticator keeps. */
export interface PasskeyRow {
  /** Credential id, base64url. */
  readonly id: string;
  /** COSE key, base64url. */
  readonly publicKey: string;
  /** Signatures made, as the authenticator counts; 0: it does not count. */
  readonly counter: number;
  /** How browsers reach the authenticator. */
  readonly transports: readonly string[];
  /** The host that it was made for, and the only one where it is good. */
  readonly host: string;
  /** What its owner calls it. */
  readonly name: string;
  /** Epoch ms; 0: never. */
  readonly createdMs: number;
  readonly lastUsedMs: number;
}

/** An administrator as stored; names are unique without case. */
export interface AdministratorRow {
  readonly name: string;
  /** argon2id in PHC form; "": none, so that nobody can log in. */
  readonly passwordHash: string;
  /** Sealed; "": none. */
  readonly totpSecret: string;
  /** False while the secret waits for its first code. */
  readonly isTotpEnabled: boolean;
  /** Step of the code that was used last: none counts twice. */
  readonly totpCounter: number;
  /** SHA-256 of each code that stands in for an authenticator once, hexadecimal. */
  readonly recoveryCodes: readonly string[];
  readonly passkeys: readonly PasskeyRow[];
  /** Whom another organization's sign-in calls so: issuer and subject; "": nobody. */
  readonly externalId: string;
  readonly roleGroups: readonly string[];
  readonly isEnabled: boolean;
  /** Epoch ms, as all that follow; 0: never. */
  readonly createdMs: number;
  readonly passwordSetMs: number;
  readonly lastLogonMs: number;
}

/** A token for programs as stored; names are unique without case. */
export interface ApiTokenRow {
  readonly name: string;
  /** SHA-256 of the token, hexadecimal; the token itself is nowhere. */
  readonly digest: string;
  readonly roleGroups: readonly string[];
  /** Lower case; `undefined`: whatever the groups may run. */
  readonly cmdlets: readonly string[] | undefined;
  readonly createdBy: string;
  readonly createdMs: number;
  /** `undefined`: never. */
  readonly expiresMs: number | undefined;
  /** 0: never. Written now and then: may be some minutes old. */
  readonly lastUsedMs: number;
  readonly lastUsedFrom: string;
}

/** One run of a cmdlet that changes something. */
export interface AuditRow {
  readonly atMs: number;
  readonly caller: string;
  readonly via: string;
  readonly address: string;
  readonly cmdlet: string;
  /** What was changed, for lists. */
  readonly object: string;
  /** JSON. */
  readonly parameters: string;
  readonly succeeded: boolean;
  readonly error: string;
  /** JSON. */
  readonly changes: string;
}

/** An entry with its number; later ones have higher numbers. */
export interface StoredAuditRow extends AuditRow {
  readonly id: number;
}

/** A part of the audit log, newest first. */
export interface AuditPage {
  /** Inclusive. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  /** Only entries with lower numbers. */
  readonly beforeId: number;
  /** At most AUDIT_PAGE_MAX. */
  readonly limit: number;
}

/** What is there of it, out of so many entries that were looked at. */
export interface AuditSlice {
  readonly rows: readonly StoredAuditRow[];
  readonly examinedCount: number;
  /** What comes next has lower numbers than this; absent: there is nothing more. */
  readonly next?: number;
}

/** Reads the audit log; each call looks at no more than some entries. */
export interface AuditReading {
  readAudit(page: AuditPage): Promise<AuditSlice>;
}

/** Administrators, and tokens: they are all held in memory. One more is a StoreFailure. */
export const ADMINISTRATORS_MAX = 1000;
/** As ADMINISTRATORS_MAX. */
export const API_TOKENS_MAX = 1000;
/** Characters of all texts of an audit entry together; a longer one is a StoreFailure. */
export const AUDIT_CHARACTERS_MAX = 256 * 1024;
/** Entries of one answer. */
export const AUDIT_PAGE_MAX = 200;

/**
 * Who may administer, and who has changed what. Each call is one transaction: once it has resolved,
 * what it wrote survives a power cut; when it throws StoreFailure, nothing of it remains.
 */
export interface AccessStore {
  /** By name. */
  readAdministrators(): Promise<readonly AdministratorRow[]>;
  /** In the place of one with the same name. */
  putAdministrator(row: AdministratorRow): Promise<void>;
  /** A name that is not there is no fault. */
  removeAdministrator(name: string): Promise<void>;
  /** By name. */
  readTokens(): Promise<readonly ApiTokenRow[]>;
  /** In the place of one with the same name. */
  putToken(row: ApiTokenRow): Promise<void>;
  /** A name that is not there is no fault. */
  removeToken(name: string): Promise<void>;
  addAudit(row: AuditRow): Promise<void>;
  /** Removes what is older; at most `limit` entries at one time. Returns how many that were. */
  pruneAudit(before: { readonly atMs: number; readonly limit: number }): Promise<number>;
}
