import type { AcmeState } from "../../acme/acme-state.ts";
import type { Result } from "../../base/result.ts";
import type { OrganizationEditor } from "../../org/organization-editor.ts";
import type { CertificateImport, CertificateUpload } from "../../tls/certificate-import.ts";
import type { CertificateFault, CertificateMaterial } from "../../tls/certificate-material.ts";

/** A certificate without its key. */
export type KnownCertificate = Omit<CertificateMaterial, "secret">;

/** The folder of certificates; what is changed there is in force when a call resolves. */
export interface CertificateDesk {
  /** Those that are in force. */
  list(): readonly KnownCertificate[];
  /** Files that cannot be used, and why. */
  faults(): readonly string[];
  /** Names of keys that wait for a certificate. */
  listRequests(): Promise<readonly string[]>;
  /** Checks it and puts it in; where it comes without a key, that of the request of its name. */
  import(upload: CertificateUpload): Promise<Result<CertificateImport, CertificateFault>>;
  /** A certificate of our own making. */
  makeSelfSigned(wish: CertificateWish): Promise<Result<CertificateImport, CertificateFault>>;
  /** Makes a key that waits, and what an authority makes a certificate of (PEM, RFC 2986). */
  makeRequest(wish: CertificateWish): Promise<Result<string, CertificateFault>>;
  /** Removes the files of a certificate or of a request. */
  remove(name: string): Promise<void>;
}

/** What is to be made. */
export interface CertificateWish {
  /** Of the file, without its ending. */
  readonly name: string;
  /** At least one. */
  readonly domainNames: readonly [string, ...string[]];
}

/** What the cmdlets of this room ask the server for. */
export interface CertificateServices {
  /** The organization in force, and the way to change it. */
  readonly organization: OrganizationEditor;
  readonly certificates: CertificateDesk;
  /** What the job that gets a certificate by itself is at. */
  readonly acme: { readonly state: AcmeState; readonly tryNow: () => void };
}
