import type { Address } from "../mail/address.ts";
import type { OrganizationStore } from "../store/organization-store.ts";
import type { MailboxSecrets } from "./mailbox-secrets.ts";
import type { Mailbox } from "./organization.ts";
import { mailboxFromRow } from "./recipient-reader.ts";

/** A mailbox and what its user logs on with. Never to be logged, cached or sent to a peer. */
export interface MailboxCredentials {
  readonly mailbox: Mailbox;
  readonly secrets: MailboxSecrets;
}

/** Looks up credentials, past every cache: what was revoked does not work a moment longer. */
export interface CredentialDirectory {
  /**
   * By any address of the mailbox, without case; `undefined` when nobody has it, or no mailbox.
   * Rejects with StoreFailure.
   */
  findCredentials(address: Address): Promise<MailboxCredentials | undefined>;
}

/** Credentials as the store has them now. */
export function createCredentialDirectory(
  store: Pick<OrganizationStore, "findRecipients">,
): CredentialDirectory {
  return {
    async findCredentials(address) {
      const [row] = (await store.findRecipients([address])).value;
      return row === undefined ? undefined : mailboxFromRow(row);
    },
  };
}
