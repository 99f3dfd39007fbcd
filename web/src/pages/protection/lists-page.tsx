import { useMayRun } from "../../api/session.ts";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { TabView } from "../../widgets/tab-view.tsx";
import { AddressLists } from "./address-lists.tsx";
import { texts } from "./lists-texts.ts";
import { MailboxLists } from "./mailbox-lists.tsx";
import { RecipientList, SenderLists } from "./sender-lists.tsx";
import { texts as area } from "./texts.ts";

/** Who is never let in and who always is: senders, addresses, recipients, and users' own lists. */
export function ListsPage() {
  const mayRun = useMayRun();
  const [state, setState] = usePageState();
  const { tab = "senders" } = state;
  const tabs = [
    { key: "senders", title: texts.senders, isVisible: true },
    { key: "addresses", title: texts.addresses, isVisible: true },
    {
      ...{ key: "recipients", title: texts.recipients },
      isVisible: mayRun("Get-RecipientFilterConfig"),
    },
    { key: "mailboxes", title: texts.mailboxes, isVisible: mayRun("Get-Mailbox") },
  ].filter(({ isVisible }) => isVisible);
  return (
    <>
      <PageHeader title={area.lists} about={texts.about} />
      <TabView
        label={texts.kinds}
        tabs={tabs}
        chosen={tab}
        onChoose={(key) => setState({ tab: key, mailbox: undefined })}
      >
        {tab === "senders" && <SenderLists />}
        {tab === "addresses" && <AddressLists />}
        {tab === "recipients" && <RecipientList />}
        {tab === "mailboxes" && <MailboxLists />}
      </TabView>
    </>
  );
}
