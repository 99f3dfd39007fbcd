import {
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { useEffect } from "react";
import { queryClient } from "../api/cmdlet-query.ts";
import { useIsConnectionLost } from "../api/connection.ts";
import { requestJson } from "../api/request.ts";
import { texts } from "./texts.ts";

const ASK_EVERY_MS = 2_000;

const useStyles = makeStyles({
  root: {
    position: "fixed",
    insetBlockEnd: "12px",
    insetInlineStart: "12px",
    maxWidth: "min(480px, calc(100vw - 24px))",
    zIndex: 10,
    boxShadow: tokens.shadow16,
  },
});

/** Says while the server cannot be reached, and has everything read again when it can. */
export function ConnectionNotice() {
  const styles = useStyles();
  const isLost = useIsConnectionLost();
  useEffect(() => {
    if (!isLost) return undefined;
    const timer = window.setInterval(() => {
      const question = { method: "GET", path: "/session", isBackground: true } as const;
      requestJson(question).catch(() => undefined);
    }, ASK_EVERY_MS);
    return () => {
      window.clearInterval(timer);
      void queryClient.invalidateQueries();
    };
  }, [isLost]);
  if (!isLost) return null;
  return (
    <MessageBar className={styles.root} intent="warning" layout="multiline" role="status">
      <MessageBarBody>
        <MessageBarTitle>{texts.lostTitle}</MessageBarTitle>
        {texts.lostHint}
      </MessageBarBody>
    </MessageBar>
  );
}
