import { RecipientList } from "./recipient-list.tsx";
import { texts } from "./texts.ts";

/** Recipients of every kind. */
export function AllRecipientsPage() {
  return (
    <RecipientList
      title={texts.all}
      about={texts.allAbout}
      emptyTitle={texts.noRecipient}
      emptyHint={texts.noRecipientHint}
    />
  );
}

/** Mailboxes. */
export function MailboxesPage() {
  return (
    <RecipientList
      type="UserMailbox"
      title={texts.mailboxes}
      about={texts.mailboxesAbout}
      newTitle={texts.newMailbox}
      emptyTitle={texts.noMailbox}
      emptyHint={texts.noMailboxHint}
    />
  );
}

/** Distribution groups. */
export function GroupsPage() {
  return (
    <RecipientList
      type="MailUniversalDistributionGroup"
      title={texts.groups}
      about={texts.groupsAbout}
      newTitle={texts.newGroup}
      emptyTitle={texts.noGroup}
      emptyHint={texts.noGroupHint}
    />
  );
}

/** Mail users. */
export function MailUsersPage() {
  return (
    <RecipientList
      type="MailUser"
      title={texts.users}
      about={texts.usersAbout}
      newTitle={texts.newUser}
      emptyTitle={texts.noUser}
      emptyHint={texts.noUserHint}
    />
  );
}

/** Mail contacts. */
export function ContactsPage() {
  return (
    <RecipientList
      type="MailContact"
      title={texts.contacts}
      about={texts.contactsAbout}
      newTitle={texts.newContact}
      emptyTitle={texts.noContact}
      emptyHint={texts.noContactHint}
    />
  );
}
