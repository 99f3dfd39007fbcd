import { PeopleRegular } from "@fluentui/react-icons";
import type { Area } from "../../frame/area.ts";
import { texts } from "./texts.ts";

/** Mailboxes, contacts, mail users, groups. */
export const recipientsArea: Area = {
  title: texts.area,
  icon: PeopleRegular,
  pages: [
    {
      path: "/recipients/all",
      title: texts.all,
      words: "address whose search",
      needs: ["Get-Recipient"],
      load: async () => (await import("./recipient-pages.tsx")).AllRecipientsPage,
    },
    {
      path: "/recipients/mailboxes",
      title: texts.mailboxes,
      words: "user password quota forwarding app password",
      needs: ["Get-Mailbox", "Get-Recipient"],
      load: async () => (await import("./recipient-pages.tsx")).MailboxesPage,
    },
    {
      path: "/recipients/groups",
      title: texts.groups,
      words: "distribution list members moderation",
      needs: ["Get-DistributionGroup", "Get-Recipient"],
      load: async () => (await import("./recipient-pages.tsx")).GroupsPage,
    },
    {
      path: "/recipients/mail-users",
      title: texts.users,
      needs: ["Get-MailUser", "Get-Recipient"],
      load: async () => (await import("./recipient-pages.tsx")).MailUsersPage,
    },
    {
      path: "/recipients/contacts",
      title: texts.contacts,
      needs: ["Get-MailContact", "Get-Recipient"],
      load: async () => (await import("./recipient-pages.tsx")).ContactsPage,
    },
  ],
};
