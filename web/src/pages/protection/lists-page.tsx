import { makeStyles, Tab, TabList } from "@fluentui/react-components";
import { useMayRun } from "../../api/session.ts";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { AddressLists } from "./address-lists.tsx";
import { texts } from "./lists-texts.ts";
import { MailboxLists } from "./mailbox-lists.tsx";
import { RecipientList, SenderLists } from "./sender-lists.tsx";
import { texts as area } from "./texts.ts";

const useStyles = makeStyles({
  lists: { display: "flex", flexDirection: "column", gap: "16px", paddingTop: "12px" },
});

/** Who is never let in and who always is: senders, addresses, recipients, and users' own lists. */
export function ListsPage() {
  const styles = useStyles();
  const mayRun = useMayRun();
  const [state, setState] = usePageState();
  const { tab = "senders" } = state;
  return (
    <>
      <PageHeader title={area.lists} about={texts.about} />
      <TabList
        aria-label={texts.kinds}
        selectedValue={tab}
        onTabSelect={(_event, { value }) => setState({ tab: String(value), mailbox: undefined })}
      >
        <Tab value="senders">{texts.senders}</Tab>
        <Tab value="addresses">{texts.addresses}</Tab>
        {mayRun("Get-RecipientFilterConfig") && <Tab value="recipients">{texts.recipients}</Tab>}
        {mayRun("Get-Mailbox") && <Tab value="mailboxes">{texts.mailboxes}</Tab>}
      </TabList>
      <div className={styles.lists}>
        {tab === "senders" && <SenderLists />}
        {tab === "addresses" && <AddressLists />}
        {tab === "recipients" && <RecipientList />}
        {tab === "mailboxes" && <MailboxLists />}
      </div>
    </>
  );
}
