import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import {
  getAppPassword,
  newAppPassword,
  removeAppPassword,
  resetAppPassword,
  setAppPassword,
} from "./app-password-cmdlets.ts";
import { getRecipient } from "./get-recipient.ts";
import { getDistributionGroupMember } from "./group-members.ts";
import { resetMailboxPassword } from "./mailbox-password.ts";
import {
  addDistributionGroupMember,
  removeDistributionGroupMember,
  updateDistributionGroupMember,
} from "./member-cmdlets.ts";
import { recipientCmdlets } from "./recipient-cmdlets.ts";
import { NOUNS } from "./recipient-noun.ts";
import {
  addRecipientPermission,
  getRecipientPermission,
  removeRecipientPermission,
} from "./recipient-permission.ts";
import type { RecipientServices } from "./services.ts";

/** The cmdlets of this room. */
export const RECIPIENT_CMDLETS: readonly Cmdlet<RecipientServices>[] = [
  getRecipient,
  ...NOUNS.flatMap(recipientCmdlets),
  getDistributionGroupMember,
  addDistributionGroupMember,
  removeDistributionGroupMember,
  updateDistributionGroupMember,
  getRecipientPermission,
  addRecipientPermission,
  removeRecipientPermission,
  resetMailboxPassword,
  getAppPassword,
  newAppPassword,
  setAppPassword,
  resetAppPassword,
  removeAppPassword,
];
