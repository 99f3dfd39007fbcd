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
import { useEffect } from "react";
import type { CmdletFault } from "../../api/cmdlet-fault.ts";
import { formatValue } from "../property-list.tsx";
import { texts } from "../texts.ts";
import type { FormValues, Merge } from "./form-values.ts";
import { labelOf } from "./label.ts";

const useStyles = makeStyles({ body: { overflowWrap: "anywhere" } });

/** Tells that somebody else has saved the same object, shows how, and brings both together. */
export function ConflictNotice(props: {
  readonly fault: CmdletFault;
  readonly mine: FormValues;
  /** `undefined`: not read yet. */
  readonly theirs: { readonly theirs: FormValues | undefined } | undefined;
  readonly merge: (theirs: FormValues) => Merge;
  readonly onRead: () => void;
  readonly onTake: (theirs: FormValues, mine: FormValues) => void;
}) {
  const { fault, theirs: read, merge, mine, onRead, onTake } = props;
  const styles = useStyles();
  const isRead = read !== undefined;
  useEffect(() => {
    if (!isRead) onRead();
  }, [isRead, onRead]);
  const theirs = read?.theirs;
  const merged = theirs && merge(theirs);
  const { conflicts = [] } = merged ?? {};
  const keepMine = () => theirs && merged && onTake(theirs, merged.values);
  const takeTheirs = () => {
    if (theirs === undefined || merged === undefined) return;
    const kept = Object.fromEntries(conflicts.map((name) => [name, theirs[name]]));
    onTake(theirs, { ...merged.values, ...kept });
  };
  return (
    <MessageBar intent="warning" layout="multiline" role="alert">
      <MessageBarBody className={styles.body}>
        <MessageBarTitle>{texts.conflictTitle}</MessageBarTitle>
        {fault.message} {isRead && theirs === undefined && texts.objectGone}
        {merged && conflicts.length === 0 && texts.theirsKept}
        {conflicts.length > 0 && (
          <>
            {texts.bothChanged}
            <Table size="small" aria-label={texts.bothChanged}>
              <TableHeader>
                <TableRow>
                  <TableHeaderCell />
                  <TableHeaderCell>{texts.mine}</TableHeaderCell>
                  <TableHeaderCell>{texts.theirs}</TableHeaderCell>
                </TableRow>
              </TableHeader>
              <TableBody>
                {conflicts.map((name) => (
                  <TableRow key={name}>
                    <TableCell>{labelOf(name)}</TableCell>
                    <TableCell>{formatValue(mine[name])}</TableCell>
                    <TableCell>{formatValue(theirs?.[name])}</TableCell>
                  </TableRow>
                ))}
              </TableBody>
            </Table>
          </>
        )}
      </MessageBarBody>
      {merged && (
        <MessageBarActions>
          <Button onClick={keepMine}>{texts.keepMine}</Button>
          {conflicts.length > 0 && <Button onClick={takeTheirs}>{texts.takeTheirs}</Button>}
        </MessageBarActions>
      )}
    </MessageBar>
  );
}
