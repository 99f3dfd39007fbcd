import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
} from "@fluentui/react-components";
import { CmdletFault } from "../api/cmdlet-fault.ts";
import { visibleText } from "../base/visible-text.ts";
import { texts } from "./texts.ts";

const TITLES: Readonly<Record<string, string>> = {
  offline: texts.offlineTitle,
  forbidden: texts.forbiddenTitle,
  "not-found": texts.notFoundTitle,
  conflict: texts.conflictTitle,
};

const useStyles = makeStyles({
  // Above a list that takes all the height there is, it keeps its own.
  root: { flexShrink: 0 },
  // Paths and addresses have no place to break.
  words: { overflowWrap: "anywhere" },
});

/** What went wrong, in the server's words, and how to try again. */
export function FaultNotice(props: {
  readonly fault: Error;
  readonly onRetry?: (() => void) | undefined;
}) {
  const { fault, onRetry } = props;
  const styles = useStyles();
  const code = fault instanceof CmdletFault ? fault.code : "fault";
  return (
    <MessageBar className={styles.root} intent="error" layout="multiline" role="alert">
      <MessageBarBody className={styles.words}>
        <MessageBarTitle>{TITLES[code] ?? texts.faultTitle}</MessageBarTitle>
        <bdi>{visibleText(fault.message)}</bdi>
      </MessageBarBody>
      {onRetry && (
        <MessageBarActions>
          <Button onClick={onRetry}>{texts.tryAgain}</Button>
        </MessageBarActions>
      )}
    </MessageBar>
  );
}
