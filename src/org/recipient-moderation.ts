import type { Address } from "../mail/address.ts";

/** Whether mail to a recipient waits until somebody approves it (reference §17.2). */
export interface RecipientModeration {
  readonly moderationEnabled: boolean;
  /** Each of them may decide. Of a group, none: its owner. */
  readonly moderatedBy: readonly Address[];
  /** Whose mail does not wait; a group stands for its members. */
  readonly bypassModerationFromSendersOrMembers: readonly Address[];
  /** Who hears that a message was not approved. */
  readonly sendModerationNotifications: "Always" | "Internal" | "Never";
}
