import {
  Badge,
  Button,
  Field,
  Input,
  makeStyles,
  Text,
  Textarea,
  tokens,
} from "@fluentui/react-components";
import { AddRegular, DeleteRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useMayRun } from "../../api/session.ts";
import { visibleText } from "../../base/visible-text.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { SecretDialog } from "../../widgets/secret-dialog.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { texts as shared } from "../../widgets/texts.ts";
import { splitPasted } from "./pasted-addresses.ts";
import type { ShownRecipient } from "./shown-recipient.ts";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "12px" },
  list: { listStyleType: "none", margin: 0, padding: 0 },
  one: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "8px",
    minHeight: "40px",
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
  },
  words: { flexGrow: 1, display: "flex", flexDirection: "column", overflowWrap: "anywhere" },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** App passwords of a mailbox: those there are, a new one shown once, an end to one. */
export function AppPasswordsTab({ mailbox }: { readonly mailbox: ShownRecipient }) {
  const styles = useStyles();
  const mayRun = useMayRun();
  const identity = String(mailbox["PrimarySmtpAddress"]);
  const call = { cmdlet: "Get-AppPassword", parameters: { Mailbox: identity } } as const;
  const reading = useCmdlet(call);
  const [asking, setAsking] = useState<{ readonly revoke?: string }>();
  const passwords = reading.data?.objects ?? [];
  return (
    <div className={styles.root}>
      <Text>{texts.appPasswordsAbout}</Text>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading />}
      {reading.data && passwords.length === 0 && <Text>{texts.noAppPassword}</Text>}
      <ul className={styles.list}>
        {passwords.map(({ Name, Senders, MessagesPerHour, Enabled }) => (
          <li key={Name} className={styles.one}>
            <span className={styles.words}>
              <bdi>{visibleText(Name ?? "")}</bdi>
              <Text size={200} className={styles.quiet}>
                {[...(Senders ?? []), ...limitWords(MessagesPerHour)].join(", ")}
              </Text>
            </span>
            {Enabled === false && <Badge appearance="outline">{texts.disabled}</Badge>}
            {mayRun("Remove-AppPassword") && (
              <Button
                size="small"
                icon={<DeleteRegular />}
                aria-label={texts.revokeOf(visibleText(Name ?? ""))}
                onClick={() => setAsking({ revoke: Name ?? "" })}
              >
                {texts.revoke}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <div>
        {mayRun("New-AppPassword") && (
          <Button icon={<AddRegular />} onClick={() => setAsking({})}>
            {texts.newAppPassword}
          </Button>
        )}
        <ShowCmdlet call={call} />
      </div>
      {asking?.revoke !== undefined && (
        <RunDialog
          title={texts.revokeOf(asking.revoke)}
          call={{
            cmdlet: "Remove-AppPassword",
            parameters: { Mailbox: identity, Name: asking.revoke },
          }}
          verb={texts.revoke}
          onClose={() => setAsking(undefined)}
        />
      )}
      {asking !== undefined && asking.revoke === undefined && (
        <NewAppPassword mailbox={identity} onClose={() => setAsking(undefined)} />
      )}
    </div>
  );
}

function limitWords(limit: string | null): readonly string[] {
  return limit === null || limit.toLowerCase() === "unlimited" ? [] : [texts.perHour(limit)];
}

function NewAppPassword(props: { readonly mailbox: string; readonly onClose: () => void }) {
  const { mailbox, onClose } = props;
  const [name, setName] = useState("");
  const [senders, setSenders] = useState("");
  const [rate, setRate] = useState("");
  const given = splitPasted(senders);
  const parameters = {
    ...{ Mailbox: mailbox, Name: name.trim() },
    ...(given.length > 0 && { Senders: given }),
    ...(rate.trim() !== "" && { MessagesPerHour: rate.trim() }),
  };
  return (
    <SecretDialog
      title={texts.newAppPassword}
      call={{ cmdlet: "New-AppPassword", parameters }}
      verb={shared.create}
      secret="Password"
      facts={{ UserName: texts.userName }}
      isReady={name.trim() !== ""}
      onClose={onClose}
    >
      <Field label={texts.appPasswordName} required>
        <Input value={name} onChange={(_event, { value }) => setName(value)} />
      </Field>
      <Field label={texts.appPasswordSenders}>
        <Textarea value={senders} onChange={(_event, { value }) => setSenders(value)} />
      </Field>
      <Field label={texts.appPasswordRate}>
        <Input inputMode="numeric" value={rate} onChange={(_event, { value }) => setRate(value)} />
      </Field>
    </SecretDialog>
  );
}
