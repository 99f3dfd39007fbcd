import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
} from "@fluentui/react-components";
import { useEffect, useRef, useState } from "react";
import type { CmdletFault } from "../../api/cmdlet-fault.ts";
import { FaultNotice } from "../fault-notice.tsx";
import { formatValue } from "../property-list.tsx";
import { texts } from "../texts.ts";
import type { FormValues } from "./form-values.ts";
import { labelOf } from "./label.ts";
import type { ObjectEdit } from "./object-edit.ts";

const useStyles = makeStyles({ body: { overflowWrap: "anywhere" } });

/** Tells that somebody else has saved the same object, shows how, and brings both together. */
export function ConflictNotice(props: { readonly fault: CmdletFault; readonly edit: ObjectEdit }) {
  const { fault, edit } = props;
  const { values: mine, merge, take, readAgain } = edit;
  const styles = useStyles();
  const [read, setRead] = useState<{ readonly theirs: FormValues | undefined }>();
  const [problem, setProblem] = useState<Error>();
  useEffect(() => {
    readAgain().then(
      (theirs) => setRead({ theirs }),
      (error: unknown) => setProblem(error instanceof Error ? error : new Error(String(error))),
    );
  }, [readAgain]);
  const isRead = read !== undefined;
  // It comes below a long form.
  const notice = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isRead) notice.current?.scrollIntoView({ block: "nearest" });
  }, [isRead]);
  const theirs = read?.theirs;
  const merged = theirs && merge(theirs);
  const { conflicts = [] } = merged ?? {};
  const keepMine = () => theirs && merged && take(theirs, merged.values);
  const takeTheirs = () => {
    if (theirs === undefined || merged === undefined) return;
    const kept = Object.fromEntries(conflicts.map((name) => [name, theirs[name]]));
    take(theirs, { ...merged.values, ...kept });
  };
  if (problem !== undefined) return <FaultNotice fault={problem} />;
  return (
    <MessageBar ref={notice} intent="warning" layout="multiline" role="alert">
      <MessageBarBody className={styles.body}>
        <MessageBarTitle>{texts.conflictTitle}</MessageBarTitle>
        {`${fault.message}.`} {isRead && theirs === undefined && texts.objectGone}
        {merged && conflicts.length === 0 && texts.theirsKept}
        {conflicts.length > 0 && <Conflicts names={conflicts} mine={mine} theirs={theirs ?? {}} />}
      </MessageBarBody>
      {merged && (
        <MessageBarActions>
          <Button onClick={keepMine}>
            {conflicts.length > 0 ? texts.keepMine : texts.keepBoth}
          </Button>
          {conflicts.length > 0 && <Button onClick={takeTheirs}>{texts.takeTheirs}</Button>}
        </MessageBarActions>
      )}
    </MessageBar>
  );
}

function Conflicts(props: {
  readonly names: readonly string[];
  readonly mine: FormValues;
  readonly theirs: FormValues;
}) {
  const { names, mine, theirs } = props;
  return (
    <>
      {texts.bothChanged}
      <Table size="small" aria-label={texts.bothChanged}>
        <TableHeader>
          <TableRow>
            <TableHeaderCell>{texts.setting}</TableHeaderCell>
            <TableHeaderCell>{texts.mine}</TableHeaderCell>
            <TableHeaderCell>{texts.theirs}</TableHeaderCell>
          </TableRow>
        </TableHeader>
        <TableBody>
          {names.map((name) => (
            <TableRow key={name}>
              <TableCell>{labelOf(name)}</TableCell>
              <TableCell>{formatValue(mine[name])}</TableCell>
              <TableCell>{formatValue(theirs[name])}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </>
  );
}
