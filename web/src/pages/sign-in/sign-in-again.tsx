import {
  Dialog,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  Text,
} from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useSession } from "../../api/session.ts";
import { resumeSession, useIsSessionEnded } from "../../api/session-life.ts";
import { useFocusBack } from "../../widgets/focus-back.ts";
import { texts } from "./texts.ts";
import { useEntry } from "./use-entry.ts";
import { WaysIn, waysQuery } from "./ways-in.tsx";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: "12px" },
});

/** Stands over a page whose session has ended: who signs in again finds it as it was. */
export function SignInAgain() {
  const isEnded = useIsSessionEnded();
  // A dialog that opens with nothing to focus in it stays hidden from those who hear it.
  const { isPending } = useQuery({ ...waysQuery, enabled: isEnded });
  return isEnded && !isPending ? <Again /> : null;
}

function Again() {
  const styles = useStyles();
  const { name } = useSession();
  const entry = useEntry(resumeSession);
  useFocusBack();
  return (
    <Dialog open modalType="alert">
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{texts.endedTitle}</DialogTitle>
          <DialogContent className={styles.content}>
            <Text>{texts.ended(name)}</Text>
            <WaysIn entry={entry} name={name} to="/account" isBeside />
          </DialogContent>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
