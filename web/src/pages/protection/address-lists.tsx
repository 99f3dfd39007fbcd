import { Field, Input, makeStyles } from "@fluentui/react-components";
import { useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { formatDateTime, isoOfField } from "../../base/format.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { texts as common } from "../../widgets/texts.ts";
import { EntryList, type ListEntry } from "./entry-list.tsx";
import { ipParameters } from "./list-entry.ts";
import { texts } from "./lists-texts.ts";
import { ListIsOff } from "./sender-lists.tsx";

const useStyles = makeStyles({ input: { minWidth: 0 } });

type Entry = OutputOf<"Get-IPBlockListEntry">;

/** Clients that are refused, and those that are let in. */
export function AddressLists() {
  const mayRun = useMayRun();
  return (
    <>
      <AddressList
        list="IPBlockList"
        title={texts.blockedAddresses}
        hint={texts.blockedAddressesHint}
        verb={texts.block}
      />
      {mayRun("Get-IPAllowListEntry") && (
        <AddressList
          list="IPAllowList"
          title={texts.allowedAddresses}
          hint={texts.allowedAddressesHint}
          verb={texts.allow}
        />
      )}
    </>
  );
}

function AddressList(props: {
  readonly list: "IPBlockList" | "IPAllowList";
  readonly title: string;
  readonly hint: string;
  readonly verb: string;
}) {
  const { list, title, hint, verb } = props;
  const mayRun = useMayRun();
  const [until, setUntil] = useState("");
  const [comment, setComment] = useState("");
  const source = { cmdlet: `Get-${list}Entry`, parameters: { ResultSize: "unlimited" } } as const;
  const reading = useCmdlet(source);
  const config = useCmdlet({ cmdlet: `Get-${list}Config`, parameters: {} } as const, {
    isEnabled: mayRun(`Get-${list}Config`),
  });
  if (reading.error) {
    return <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />;
  }
  if (reading.data === undefined) return <Loading />;
  const mayRemove = mayRun(`Remove-${list}Entry`);
  const adding = (text: string) => ({
    call: {
      cmdlet: `Add-${list}Entry`,
      parameters: {
        ...ipParameters(text),
        ...(until !== "" && { ExpirationTime: isoOfField(until) }),
        ...(comment.trim() !== "" && { Comment: comment.trim() }),
      },
    },
    undo: { cmdlet: `Remove-${list}Entry`, parameters: { Identity: text } },
  });
  return (
    <EntryList
      title={title}
      hint={hint}
      entries={reading.data.objects.map((entry) => entryOf(list, entry, { mayRemove }))}
      source={{ cmdlet: source.cmdlet, parameters: {} }}
      addLabel={texts.addAddress}
      addHint={texts.addAddressHint}
      verb={verb}
      {...(mayRun(`Add-${list}Entry`) && { adding })}
      fields={
        <MoreFields until={until} onUntil={setUntil} comment={comment} onComment={setComment} />
      }
      onAdded={() => {
        setUntil("");
        setComment("");
      }}
    >
      {config.data?.objects[0]?.Enabled === false && (
        <ListIsOff noun={`${list}Config`} setting="Enabled" />
      )}
    </EntryList>
  );
}

function MoreFields(props: {
  readonly until: string;
  readonly onUntil: (until: string) => void;
  readonly comment: string;
  readonly onComment: (comment: string) => void;
}) {
  const styles = useStyles();
  return (
    <>
      <Field label={texts.until}>
        <Input
          className={styles.input}
          type="datetime-local"
          value={props.until}
          onChange={(_event, { value }) => props.onUntil(value)}
        />
      </Field>
      <Field label={texts.comment}>
        <Input
          className={styles.input}
          value={props.comment}
          onChange={(_event, { value }) => props.onComment(value)}
        />
      </Field>
    </>
  );
}

function entryOf(
  list: string,
  entry: Entry,
  { mayRemove }: { readonly mayRemove: boolean },
): ListEntry {
  const { Identity, ExpirationTime, HasExpired, IsMachineGenerated, Comment, DeclaredIn } = entry;
  const name = Identity ?? "";
  const notes = [
    ExpirationTime && (HasExpired ? texts.expired : texts.expires(formatDateTime(ExpirationTime))),
    IsMachineGenerated && texts.byServer,
    Comment,
    DeclaredIn && common.declaredIn(DeclaredIn),
  ];
  const removal = { cmdlet: `Remove-${list}Entry`, parameters: { Identity: name } };
  const isTheirs = IsMachineGenerated === true;
  const restored = {
    ...ipParameters(name),
    ...(ExpirationTime && { ExpirationTime }),
    ...(Comment && { Comment }),
  };
  return {
    name,
    note: notes.filter(Boolean).join("; "),
    removal: mayRemove && !DeclaredIn ? removal : undefined,
    restoring: isTheirs ? undefined : { cmdlet: `Add-${list}Entry`, parameters: restored },
  };
}
