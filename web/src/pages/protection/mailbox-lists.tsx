import { Button, Input, makeStyles, Text } from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { visibleText } from "../../base/visible-text.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { useDeclared } from "./declared-list.tsx";
import { EntryList, type ListEntry } from "./entry-list.tsx";
import { parseSenderEntry } from "./list-entry.ts";
import { texts } from "./lists-texts.ts";

const useStyles = makeStyles({
  form: { display: "flex", flexWrap: "wrap", gap: "8px" },
  input: { flexGrow: 1, minWidth: 0, maxWidth: "420px" },
});

/** The lists that a user has of his own. */
export function MailboxLists() {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const { mailbox } = state;
  const [typed, setTyped] = useState(mailbox ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setState({ mailbox: typed.trim() === "" ? undefined : typed.trim() });
  };
  return (
    <>
      <Text>{texts.mailboxHint}</Text>
      <form className={styles.form} onSubmit={submit} role="search">
        <Input
          className={styles.input}
          aria-label={texts.findMailbox}
          placeholder={texts.findMailbox}
          value={typed}
          onChange={(_event, { value }) => setTyped(value)}
        />
        <Button type="submit">{texts.find}</Button>
      </form>
      {mailbox !== undefined && <OneMailbox key={mailbox} name={mailbox} />}
    </>
  );
}

function OneMailbox({ name }: { readonly name: string }) {
  const source = { cmdlet: "Get-Mailbox", parameters: { Identity: name } } as const;
  const reading = useCmdlet(source);
  const mailbox = reading.data?.objects[0];
  const { mayChange, force, notice } = useDeclared(mailbox?.DeclaredIn, {
    cmdlet: "Set-Mailbox",
    place: texts.mailboxPlace(mailbox?.Identity ?? name),
  });
  if (reading.error) return <FaultNotice fault={reading.error} />;
  if (reading.data === undefined) return <Loading />;
  if (mailbox === undefined) return <Text>{texts.noMailbox}</Text>;
  const Identity = mailbox.Identity ?? "";
  const change = (property: string, how: "Add" | "Remove", entry: string) => ({
    cmdlet: "Set-Mailbox",
    parameters: { Identity, [property]: { [how]: [entry] }, ...force },
  });
  const list = (property: "SafeSenders" | "BlockedSenders", title: string, verb: string) => {
    const entries = (mailbox[property] ?? []).map((entry): ListEntry => {
      const removal = mayChange ? change(property, "Remove", entry) : undefined;
      return { name: entry, removal, restoring: change(property, "Add", entry) };
    });
    const adding = (text: string) => {
      const entry = parseSenderEntry(text);
      if (entry === undefined) return undefined;
      const call = change(property, "Add", entry.name);
      return { call, undo: change(property, "Remove", entry.name) };
    };
    return (
      <EntryList
        title={title}
        hint={visibleText(`${mailbox.DisplayName ?? Identity} ${mailbox.PrimarySmtpAddress ?? ""}`)}
        entries={entries}
        source={source}
        addLabel={texts.addSender}
        verb={verb}
        {...(mayChange && { adding })}
      />
    );
  };
  return (
    <>
      {notice}
      {list("SafeSenders", texts.safe, texts.allow)}
      {list("BlockedSenders", texts.blocked, texts.block)}
    </>
  );
}
